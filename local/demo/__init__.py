"""The whole system once, end to end: the main job of the cache, and in pools/ that of replicas behind one address."""
