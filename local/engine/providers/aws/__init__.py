"""The aws stand-in: records resources as AWS would answer, without an account."""
