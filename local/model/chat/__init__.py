"""Replicas of a chat model: OpenAI's API, prefixes of prompts kept as vLLM keeps them, and text without sense."""
