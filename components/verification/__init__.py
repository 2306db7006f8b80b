"""Shadow verification: asks the model again for some of its cached answers, and switches off a cache that is wrong."""
