"""Whether the node repeats what the stack says that it repeats: no prediction is paid for twice by accident."""

from __future__ import annotations

from typing import Any

import pytest

from ops.findings import Finding
from ops.kong_node import KongNode
from tests.ops.fake_admin import FakeAdmin
from tests.ops.support import findings, needs

REPEATS = {"repeatsLostRequests": True}
FIX = 'set KONG_NGINX_PROXY_PROXY_NEXT_UPSTREAM="error non_idempotent" and restart Kong'
UNSET = "unset KONG_NGINX_PROXY_PROXY_NEXT_UPSTREAM and restart Kong"


def node(**blocks: str) -> FakeAdmin:
    """A Kong with proxy_next_upstream in these blocks of nginx's configuration."""
    admin = FakeAdmin()
    for block, value in blocks.items():
        directives = admin.configuration.setdefault(f"nginx_{block}_directives", [])
        directives.append({"name": "proxy_next_upstream", "value": value})
    return admin


def repeated(kong: dict[str, Any] | None = None, **blocks: str) -> list[Finding]:
    return findings(node(**blocks), needs(kong=kong or {}))


def test_what_was_sent_is_not_sent_again_by_default() -> None:
    assert repeated() == []
    assert repeated(proxy="error timeout") == []
    assert repeated(proxy="error timeout http_503") == []


def test_a_node_repeats_as_the_stack_says() -> None:
    assert repeated(REPEATS, proxy="error non_idempotent") == []
    assert repeated(REPEATS, proxy="non_idempotent  error") == []


def test_a_node_that_repeats_although_the_stack_says_no_is_an_error() -> None:
    (finding,) = repeated(proxy="error non_idempotent")
    assert (finding.check, finding.level) == ("repeats", "error")
    assert finding.message == "Kong sends requests again whose connection broke, but the stack says that it does not"
    assert finding.fix == f"{UNSET}, or set inference-edge:kong.repeatsLostRequests to true"


@pytest.mark.parametrize("blocks", [{}, {"proxy": "error timeout"}, {"http": "error"}])
def test_a_node_that_does_not_repeat_although_the_stack_says_so_is_an_error(blocks: dict[str, str]) -> None:
    (finding,) = repeated(REPEATS, **blocks)
    assert finding.message == "the stack says that Kong sends requests again whose connection broke, but it does not"
    assert finding.fix.endswith("or set inference-edge:kong.repeatsLostRequests to false")


@pytest.mark.parametrize("kong", [{}, REPEATS])
@pytest.mark.parametrize("more", ["timeout", "http_500", "invalid_header"])
def test_no_request_is_repeated_after_anything_but_a_lost_connection(kong: dict[str, Any], more: str) -> None:
    (finding,) = repeated(kong, proxy=f"error {more} non_idempotent")
    assert finding.level == "error"
    assert finding.message == (
        f"Kong sends a request again also after {more}, when the model may have answered it: "
        "paid predictions would be made twice"
    )
    assert finding.fix == (FIX if kong else UNSET)


def test_without_another_target_for_refused_connections_a_pool_is_no_use() -> None:
    (finding,) = repeated(proxy="off")
    assert finding.level == "warning"
    assert finding.message == (
        "a request whose connection is refused is not sent to another target, whatever a model's retries"
    )


def test_the_directive_nearest_to_the_request_counts() -> None:
    assert repeated(http="error timeout non_idempotent", proxy="error timeout") == []
    (finding,) = repeated(proxy="error", location="error non_idempotent")
    assert "KONG_NGINX_LOCATION_PROXY_NEXT_UPSTREAM" in finding.fix
    assert KongNode({}, None).next_upstream[1] == {"error", "timeout"}
