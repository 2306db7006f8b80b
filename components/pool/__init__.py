"""Replicas of a model behind one host name."""
