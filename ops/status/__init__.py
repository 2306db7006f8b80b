"""What each model's cache does, saves and gets wrong, on one screen."""
