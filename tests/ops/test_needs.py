"""What a stack needs from its Kong."""

from __future__ import annotations

import pulumi

from tests.ops.fake_admin import PLUGINS
from tests.ops.support import MODEL, needs

ALWAYS = {"correlation-id", "prometheus", "request-size-limiting"}
PUBLIC_KEY = (
    "-----BEGIN PUBLIC KEY-----\nMFkwEwYHKoZIzj0CAQYIKoZIzj0DAQcDQgAEnow0lvMBGPnPr3vjyaDbNrgX6YIN\n"
    "hX8XGZ4sIKcoDDTTQTJxsd/yDpqrxUiEkQLBjJfL2eVMBt2eNYXZ31fBPA==\n-----END PUBLIC KEY-----\n"
)
CACHE = {"pre-function", "post-function", "proxy-cache"}


def test_a_stack_that_uses_everything_needs_every_plugin() -> None:
    assert needs().plugins == set(PLUGINS)


def test_only_plugins_that_the_stack_uses_are_needed() -> None:
    assert needs({**MODEL, "access": {"mode": "open"}}).plugins == ALWAYS | CACHE
    assert needs({**MODEL, "cache": {"enabled": False}}).plugins == ALWAYS | {"key-auth", "acl"}


def test_sizes_are_those_of_the_largest_cached_model() -> None:
    small = {**MODEL, "name": "small", "cache": {"maxBodyBytes": 100, "maxResponseBytes": 1000}}
    large = {**MODEL, "cache": {"maxBodyBytes": 5000, "maxResponseBytes": 20_000}}
    off = {**MODEL, "name": "off", "cache": {"enabled": False, "maxBodyBytes": 1_000_000}}
    assert needs(small, large, off).body_buffer_bytes == 5000
    assert needs(small, large, off).dictionary_bytes == 4 * 25_000
    assert needs(off).dictionary is None


def test_names_are_those_of_the_components() -> None:
    wanted = needs({**MODEL}, consumers=[{"name": "web"}])
    assert wanted.names == {
        "services": ("edge-dev-digits",),
        "routes": ("edge-dev-digits",),
        "consumers": ("edge-dev-web",),
    }
    assert wanted.tags == {"project:edge", "stack:dev"}


def test_asking_for_names_leaves_the_process_without_project_and_stack() -> None:
    before = (pulumi.get_project(), pulumi.get_stack())
    needs()
    assert (pulumi.get_project(), pulumi.get_stack()) == before


def test_an_edge_has_a_lock_and_asks_as_a_consumer_of_its_own() -> None:
    edge = {"provider": "cloudfront", "origin": {"domain": "kong.example.com"}}
    uncached = {**MODEL, "name": "words", "cache": {"enabled": False}, "access": {"mode": "open"}}
    wanted = needs(uncached, edge=edge)
    assert wanted.plugins == ALWAYS | {"pre-function"}
    assert wanted.names["consumers"] == ()

    signed = {**edge, "authentication": {"mode": "signed-url", "publicKeys": [PUBLIC_KEY]}}
    wanted = needs({**MODEL, "cache": {"shareable": True}}, edge=signed, consumers=[{"name": "web"}])
    assert wanted.names["consumers"] == ("edge-dev-web", "edge-dev-edge-cache")


def test_a_sagemaker_endpoint_needs_the_headers_for_its_api() -> None:
    arn = "arn:aws:sagemaker:eu-west-1:111122223333:endpoint/digits"
    model = {"name": "digits", "version": "1", "sagemaker": {"endpointArn": arn}, "cache": {"enabled": False}}
    assert needs({**model, "access": {"mode": "open"}}).plugins == ALWAYS | {"post-function"}
