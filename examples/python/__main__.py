"""Two prediction caches in a Python stack."""

import pulumi
import pulumi_random as random
from inference_edge import InferenceEdge

endpoint = pulumi.Config().require("endpoint")
web_key = random.RandomPassword("web-key", length=40, special=False)

vision = InferenceEdge(
    "vision",
    {
        "gateway_url": "http://localhost:8000",
        "models": [
            {
                "model": "digits",
                "version": "1",
                "endpoint": endpoint,
                "cache": {"ttl_seconds": 60},
                "access": {"rate_limit": {"per_second": 50}},
                "timeouts": {"connect_seconds": 2.5},
            }
        ],
        "consumers": [{"name": "web", "key": web_key.result}],
    },
)
text = InferenceEdge(
    "text",
    {
        "gateway_url": "http://localhost:8000",
        "models": [
            {
                "model": "words",
                "version": "2026-11",
                "endpoint": "https://words.example.com/invocations",
                "cache": {"profile": "embeddings", "key_headers": ["x-tenant"]},
            }
        ],
        "consumers": [{"name": "batch"}],
    },
)

pulumi.export("vision", vision.models)
pulumi.export("text", text.models)
pulumi.export("consumerKeys", {"vision": vision.consumer_keys, "text": text.consumer_keys})
