"""Small documents, and ways to read what is wrong with them."""

from __future__ import annotations

from typing import Any

from settings import Settings, SettingsError, parse_settings

MODEL: dict[str, Any] = {"name": "digits", "version": "1", "endpoint": "http://127.0.0.1:8080/invocations"}


def model(**changes: Any) -> dict[str, Any]:
    """The smallest model with some keys changed."""
    return {**MODEL, **changes}


def stack(*models: dict[str, Any], **others: Any) -> dict[str, Any]:
    """A document with these models (by default the smallest one) and other keys."""
    return {"models": list(models) or [MODEL], **others}


def parsed(document: dict[str, Any]) -> Settings:
    """The settings of a valid document whose consumers are encrypted."""
    return parse_settings(document, secret_sections=frozenset({"consumers"}))


def problems(document: dict[str, Any], *, secret_sections: frozenset[str] = frozenset()) -> list[str]:
    """What is wrong with a document, one line each, without the namespace; nothing for a valid one."""
    try:
        parse_settings(document, secret_sections=secret_sections)
    except SettingsError as error:
        return [str(problem).removeprefix("inference-edge:") for problem in error.errors]
    return []


ENDPOINT_ARN = "arn:aws:sagemaker:eu-west-1:123456789012:endpoint/digits"
CERTIFICATE_ARN = "arn:aws:acm:us-east-1:123456789012:certificate/0f-1"


def sagemaker_model(sagemaker: dict[str, Any] | None = None, **changes: Any) -> dict[str, Any]:
    """The smallest model on an existing SageMaker endpoint, with some keys of `sagemaker` and of the model changed."""
    rest = {key: value for key, value in MODEL.items() if key != "endpoint"}
    return {**rest, "sagemaker": {"endpointArn": ENDPOINT_ARN, **(sagemaker or {})}, **changes}


def shared_model(**changes: Any) -> dict[str, Any]:
    """The smallest model whose answers the edge shares, with some keys changed."""
    return model(**{"cache": {"shareable": True}, "access": {"mode": "open"}, **changes})


def timed(connect: float, read: float, **changes: Any) -> dict[str, Any]:
    """The smallest model with these time-outs in seconds, and some of its keys changed."""
    return model(timeouts={"connectSeconds": connect, "readSeconds": read}, **changes)


def edge_stack(*models: dict[str, Any], origin: dict[str, Any] | None = None, **edge: Any) -> dict[str, Any]:
    """A document with these models behind the smallest edge, with some keys of `edge.origin` and `edge` changed."""
    found = {"provider": "cloudfront", "origin": {"domain": "kong.example.com", **(origin or {})}, **edge}
    return stack(*models, edge=found)


QUICK: dict[str, Any] = {"timeouts": {"connectSeconds": 1, "readSeconds": 10}}


def quick_model(**changes: Any) -> dict[str, Any]:
    """The smallest model that answers as soon as Media CDN needs it, with some keys changed."""
    return model(**{**QUICK, **changes})


def quick_shared_model(**changes: Any) -> dict[str, Any]:
    """`quick_model`, whose answers the edge shares."""
    return shared_model(**{**QUICK, **changes})


def google_stack(
    provider: str, *models: dict[str, Any], origin: dict[str, Any] | None = None, **edge: Any
) -> dict[str, Any]:
    """A document with these models behind the smallest edge of Google, with some keys of it changed."""
    names = {"aliases": ["predict.example.com"], "dnsZone": "example-com"}
    found = {"provider": provider, "origin": {"domain": "kong.example.com", **(origin or {})}, **names, **edge}
    return stack(*(models or (quick_model(),)), edge=found)


ED25519 = "3fVdCXvLbYrl9Bq-hgkVXTkFcdvPoS_dFDQ4mYE3Ps0"
SECRET_VERSION = "projects/shop/secrets/edge/versions/1"


def media_cdn(*models: dict[str, Any], **edge: Any) -> dict[str, Any]:
    """`google_stack` with Media CDN."""
    return google_stack("media-cdn", *models, **edge)


def cloud_cdn(*models: dict[str, Any], **edge: Any) -> dict[str, Any]:
    """`google_stack` with Cloud CDN."""
    return google_stack("cloud-cdn", *models, **edge)


def signed(*keys: str) -> dict[str, Any]:
    """`edge.authentication` with these public keys."""
    return {"mode": "signed-url", "publicKeys": list(keys)}


VPC, SUBNETS, GATEWAY_GROUP = "vpc-0123abcd", ["subnet-0123abcd", "subnet-1123abcd"], "sg-0123abcd"


def redis_model(**changes: Any) -> dict[str, Any]:
    """The smallest model whose answers are in the shared cache, with some keys of its cache changed."""
    return model(cache={"store": "redis", **changes})


def redis_stack(*models: dict[str, Any], **cache: Any) -> dict[str, Any]:
    """A document with these models (by default the smallest with redis) and some keys of the smallest `sharedCache`."""
    url = {} if "provider" in cache else {"url": "rediss://cache.example.com"}
    return stack(*(models or (redis_model(),)), sharedCache={**url, **cache})


def elasticache(**changes: Any) -> dict[str, Any]:
    """The smallest `sharedCache.elasticache`, with some keys changed."""
    return {"vpcId": VPC, "subnetIds": SUBNETS, "gatewaySecurityGroupIds": [GATEWAY_GROUP], **changes}


def sealed_problems(document: dict[str, Any]) -> list[str]:
    """What is wrong with a document whose `sharedCache` is encrypted."""
    return problems(document, secret_sections=frozenset({"sharedCache"}))


TARGET: dict[str, Any] = {"address": "127.0.0.1:8081"}


def pool(**changes: Any) -> dict[str, Any]:
    """The smallest pool with some keys changed; without targets where `discovery` is among them."""
    return {"name": "chat", **({} if "discovery" in changes else {"targets": [TARGET]}), **changes}


def pooled_model(use: dict[str, Any] | None = None, **changes: Any) -> dict[str, Any]:
    """The smallest model with a pool, with some keys of `pool` and of the model changed."""
    rest = {key: value for key, value in MODEL.items() if key != "endpoint"}
    return {**rest, "pool": {"name": "chat", **(use or {})}, **changes}


def pool_stack(*models: dict[str, Any], **changes: Any) -> dict[str, Any]:
    """A document with these models (by default the smallest with a pool) and some keys of the smallest pool changed."""
    return stack(*(models or (pooled_model(),)), pools=[pool(**changes)])


def router_stack(*models: dict[str, Any], **changes: Any) -> dict[str, Any]:
    """A document with these models (by default digits and words) and some keys of the smallest router changed."""
    found = {"paths": ["/v1/chat/completions"], **changes}
    return stack(*(models or (model(), model(name="words"))), router=found)


def routed(*versions: str | dict[str, Any], **changes: Any) -> dict[str, Any]:
    """A name of the router with these versions, each a model's name or a mapping."""
    found = [{"model": version} if isinstance(version, str) else version for version in versions]
    return {"name": "gpt-x", "versions": found, **changes}
