"""The cache that several gateways share."""
