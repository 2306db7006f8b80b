"""Asks the most valuable questions after a rollout, so that their answers are cached."""
