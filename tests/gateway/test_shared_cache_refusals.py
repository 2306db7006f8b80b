"""A shared cache that asks with headers which its key cannot tell apart is refused, not answered."""

import pytest

from tests.gateway.deployed import encoded

STORES = ("proxy-cache", "memory", "redis", "sharded")

BODY = b'{"x": [1, 2, 3]}'


@pytest.fixture
def deployed(deploy):
    return deploy(access={"mode": "open"}, cache={"shareable": True})


@pytest.mark.parametrize(
    "header",
    [
        *("x-amzn-sagemaker-new", "x_amzn_sagemaker_target_model", "x-amzn-sagemaker-session-id"),
        *("x-http-method-override", "x_model-version"),
    ],
)
def test_a_shared_cache_is_refused_what_its_key_cannot_tell_apart(deployed, model, header):
    """It may give one answer to all who ask at once, whatever that answer's Cache-Control says."""
    asked = {header: "1", "x-model-version": deployed.version_token}
    url = f"{deployed.url}?input={encoded(BODY)}"
    reply = deployed.client.get(url, headers=asked)
    message = "a header of this GET may change the answer, and a shared cache cannot tell: use POST"
    assert (reply.status_code, reply.json()) == (400, {"message": message})
    assert reply.headers["cache-control"] == "private, no-store"
    assert not model.calls
    assert deployed.client.get(url, headers={header: "1"}).status_code == 200  # asked by a caller itself
    posted = deployed.client.post(deployed.url, content=BODY, headers={**asked, "content-type": "application/json"})
    assert posted.status_code == 200
    assert len(model.calls) == 2


def test_a_shared_cache_is_refused_more_headers_than_are_read(deployed, model):
    """One of those that are not read may change the answer."""
    url = f"{deployed.url}?input={encoded(BODY)}"
    many = {f"x-filler-{i}": "1" for i in range(88)}
    given = {**many, "x-amzn-sagemaker-target-model": "b", "x-model-version": deployed.version_token}
    assert deployed.client.get(url, headers=given).status_code == 400
    assert not model.calls
    assert deployed.client.get(url, headers=many).status_code != 400  # asked by a caller itself
