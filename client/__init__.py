"""Predictions that caches can answer, without changing the code that asks for them.

    import httpx
    from inference_edge_client import PredictionTransport, cache_status

    with httpx.Client(base_url="https://predict.example.com", transport=PredictionTransport()) as client:
        response = client.post("/digits/predict", json={"instances": [[0.5, 1.25]]})
        print(response.json(), cache_status(response).hit)

No CDN caches POST. So a POST of JSON leaves as ``GET /digits/predict?input=<base64url>`` with the canonical form of
the document (sorted names, no white space, numbers as written): equal questions have one URL. What does not fit stays
the POST that it was: more than 6,000 bytes, a query of its own, a compressed body, a header that GET cannot honour, a
request for a fresh answer, JSON that has no safe canonical form. Where the server does not take GET (404, 405, 501),
where the URL is too long for it (414, 431), where it says so in a 400 and where it redirects, the POST is sent at once;
paths that refuse GET are remembered for five minutes.

``response.request`` is always the POST. ``response.extensions["cache_status"]`` holds what `cache_status` tells.
A question becomes part of a URL, and URLs are logged: do not use these transports where questions must not be.
`AsyncPredictionTransport` is the same for `httpx.AsyncClient`; both wrap another transport, by default HTTP.
"""

from .async_transport import AsyncPredictionTransport
from .cache_status import CacheStatus, cache_status
from .transport import PredictionTransport

__all__ = ["AsyncPredictionTransport", "CacheStatus", "PredictionTransport", "cache_status"]
