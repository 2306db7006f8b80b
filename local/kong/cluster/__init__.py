"""Further nodes of the same cluster: they follow the first one's configuration."""
