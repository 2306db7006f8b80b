"""For how long an edge may serve what has expired (RFC 5861): as configured, and never where the model forbids it."""

import pytest

from tests.gateway.model_server import Behaviour

STORES = ("proxy-cache", "memory", "redis", "sharded")

DOCUMENT = {"x": [1, 2, 3]}
CACHE = {
    "shareable": True,
    "ttl_seconds": 1_000,
    "stale_while_revalidate_seconds": 30,
    "stale_if_error_seconds": 600,
}


@pytest.mark.parametrize("directive", ["max-age=60", "max-age=60, must-revalidate", "max-age=60, proxy-revalidate"])
def test_the_edge_may_not_serve_expired_answers_where_the_model_forbids_it(deploy, model, directive):
    deployed = deploy(access={"mode": "open"}, cache=CACHE)
    model.behaviour = Behaviour(headers=(("Cache-Control", directive),))
    stale = "" if "revalidate" in directive else ", stale-while-revalidate=30, stale-if-error=600"
    for _ in range(2):
        said = deployed.get(DOCUMENT, x_model_version=deployed.version_token).headers["cache-control"]
        seconds = said.removeprefix("public, max-age=0, s-maxage=").removesuffix(stale)
        assert 50 <= int(seconds) <= 60
