"""The model behind the gateway: a digits classifier served over HTTP at SageMaker's paths."""
