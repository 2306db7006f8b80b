"""The models behind the gateway: a digits classifier at SageMaker's paths, and replicas of a chat model in chat/."""
