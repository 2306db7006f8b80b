"""What a model's cache does and saves, as metrics of Kong's prometheus plugin."""
