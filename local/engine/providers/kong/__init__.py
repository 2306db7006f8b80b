"""The kong provider: speaks the Admin API with the properties of pulumi-kong 4.6.3."""
