"""What a cache would have saved, from a log of requests."""
