"""The command line for running a stack: ``python -m ops check --stack dev``."""
