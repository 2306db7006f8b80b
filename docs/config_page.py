"""The page about the stack config, from the settings models."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any, get_args

from pydantic import BaseModel
from pydantic.fields import FieldInfo
from pydantic_core import PydanticUndefined

from docs.markdown import REQUIRED, code, row
from settings import Settings
from settings.edge_providers import ONLY_WITH
from settings.field_types import FieldType, Items
from settings.schema import NAMESPACE
from settings.wording import one_of

_HEAD = """# The stack config

{generated}

Everything that `Pulumi.<stack>.yaml` may say. Keys of other namespaces (`kong:kongAdminUri`, `kong:kongAdminToken`,
`aws:region`) belong to their providers. Unknown keys are refused, and all errors of a file are told at once, each with
its path. Editors complete the file by `schema/stack-config.schema.json`.
"""

_TAIL = """## Values that must fit together

- Names of pools, models and consumers are unique, and no consumer has a model's name.
- Two models that take the same hosts have different paths.
- A model has one of `endpoint`, `sagemaker` and `pool`, and a `version` unless `sagemaker.endpoint` names its
  configuration.
- `access.maxRequestBytes` is at least `cache.maxBodyBytes`.
- `access.rateLimit` has at least one period, and a longer one does not allow less than a shorter one.
- `access.credentialHeaders` stands only with mode `upstream-credential`.
- `access.cors.origins` has `"*"` alone, and not with mode `upstream-credential`.
- `cache.excludeFields` leaves `temperature` in with profile `llm`.
- A consumer's `models` are models of this stack with mode `key-auth`; two consumers have different keys.

### With `cache.store` and `kong`

- `sharedCache` stands when a model has `cache.store: redis`, be its cache off, and only then.
- `answerHeaders` that are not the default's stand with `memory` and `redis` alone, and without `edition: enterprise`
  for `redis`. The same goes for `staleWhileRevalidateSeconds` and `staleIfErrorSeconds` of models that are not
  `shareable`: Kong's own plugins keep all headers, and serve no stale answer.
- `topology: sharded` has two `nodes` or more, and every model that caches has `store: memory`; `nodes` stand only
  there.

### With `cost` and `cache.verify`

- `cost` has either `perCall` or `perInstanceHour`, and `concurrency` only with the latter. `asOf` is the day of
  the price, from 1970 on.
- `cache.verify` stands only while the cache is on.
- `tolerances` name each field once. `"*"` among them is for every number without a tolerance of its own; among
  `ignoreFields` it would compare nothing. A name that needs an escape in JSON, or has a dot, cannot be told.
- With neither of the two, answers are the same when every byte is. With one, they are compared as JSON: members in any
  order, numbers by value, texts as they are written; an answer that is no JSON, has a name twice or is nested deeper
  than 64 is the same as no other.

### With `sharedCache`

- `existing` needs `url`. It, `username` (with a `password`) and `password` stand only there, `elasticache` and
  `memorystore` only with the provider of that name, which needs them, and `protect` only with these two.
- A `url` names a host that can be verified: `rediss://`, and `redis://` for `localhost` and `127.0.0.1` alone. Kong
  verifies the certificate by `lua_ssl_trusted_certificate` in its own configuration: for a server with an authority of
  its own, add that to its file. Memorystore has one, which the output `sharedCacheCaCertificates` shows; while Google
  replaces it, both.
- `elasticache` lets in the security groups of the Kong nodes alone, and makes a user that may do no more than Kong
  does, on entries with the prefix `inference-edge:<stack>:`. For another password, replace the resource
  `edge-shared-cache-password`: until the models' routes have it, Kong asks the model and says `detail=store-auth`.
- `memorystore` is a Memorystore for Redis, with TLS and a password. A Memorystore for Valkey would ask nobody, or for
  tokens: those of IAM expire within the hour and Kong cannot renew them, and its basic ones the provider cannot make.
  Whoever is in `network` can connect, and needs the password; Google has no narrower rights for it.
- What is kept is never the only copy. When the cache is gone, slow or full, Kong asks the model.

### With `pools`

- A pool is the `pool` of a model, and has either `targets` or `discovery`. No target stands twice, and one at least
  has a weight above 0.
- `algorithm: consistent-hashing` stands with `affinity`, and `affinity` with no other.
- `affinity.messages` and `affinity.characters` stand only with `by: prompt`, `affinity.header` only with `by: session`.
- Models that the same pool serves on the same `pool.path` have the same callers: a request to one could name the other
  in its body. With a `router` that holds for all models that share a server, on whatever path: a pool, a target or
  `discovery` of two pools, or the host and port of an `endpoint`, also where it is another's target.
- `kong.repeatsLostRequests` says how the Kong nodes are configured; `make check` compares. It counts for all models of
  those nodes; a model with `retries: 0` is never asked twice. `retries` of a model with a `pool` is 10 by default then.

### With `router`

- It stands without an `edge.provider`: the router's paths are not behind an edge.
- `paths` and `modelsPath` are all different, none is the path of a model or begins with `/-/`.
- All `versions` of a name and its `fallback` are different models with the same `access.mode`, callers, `route.hosts`
  and `route.httpsOnly`: a caller has no say in which of them it gets. One version at least has a weight above 0.
- A `fallback` needs a version with a `pool`: only of pools Kong knows whether a replica is healthy.
- `modelHeader` is none of the models' `cache.keyHeaders` and `access.credentialHeaders`. It is left out while two
  models with different callers have one server: a body that is not looked into may name either.

### With `sagemaker`

- It has either `endpointArn` or `endpoint`, and not both `private` and `customDomain`.
- `timeouts.readSeconds` and `timeouts.streamSeconds` are at least `sagemaker.timeoutSeconds`; above 29 seconds, raise
  the account's quota "Maximum integration timeout in milliseconds" of API Gateway first.
- `access.maxRequestBytes` is at most 6291456, as much as InvokeEndpoint takes.
- `targetVariant` is one of `variants`. While the cache is on, several `variants` need a `targetVariant`, and
  `deployment.canaryPercent` is left out: one version answers at a time.

### With an `edge.provider`

- Without one, no other key of `edge` is given. A key that says "only with" is refused with every other provider; where
  the names are kept (`certificateArn`, `hostedZoneId`; `certificateIds`, `dnsZone`) may be given for both clouds, so
  that another provider is another word in one line.
- `origin.domain` is a name of Kong's own, none of `aliases`; it stands in every `route.hosts` that is given. Without
  it, the host of `gatewayUrl` counts, which then is public and has no path.
- `origin.protocol` is `http` for `localhost` alone, and then without `route.httpsOnly`.
- The edge waits longest, CloudFront at most 120 seconds and Media CDN 15: `origin.readTimeoutSeconds` is at least what
  Kong may wait for any model, `retries` + 1 times `connectSeconds` (at most twice with a `pool`), and `readSeconds`.
  All attempts to connect count, because the edge's clock runs while Kong makes them; a request that was sent is never
  sent again. With `kong.repeatsLostRequests` it is, so that all attempts count as a whole. A longer `streamSeconds`
  counts instead of `readSeconds`.
- `aliases` have either an existing certificate or a zone to make one in; Google's edges need at least one alias.
- `geoRestriction` has either `allow` or `deny`.
- `authentication` has `publicKeys` with mode `signed-url` (or `sharedKeySecretVersions`), and `secrets` (and `issuer`,
  `audience`) with mode `jwt`; each only there, and only with a shareable model.
- `access.credentialHeaders` have neither `x-model-version` nor `x-origin-verify`, which the edge sets itself.
- `route.path` has at most 255 characters. No model or consumer is named `edge-cache`.

With `cloudfront`:

- `origin.clientCertificateArn` stands neither with `origin.vpc` nor with `http`. `httpVersion` is without HTTP/3 with
  `continuousDeploymentPolicyId`; `logs.retentionDays` is left out with `logs.bucketArn`; the certificate's keys stand
  only with `aliases`.
- `access.credentialHeaders` have neither `authorization` nor `cookie`, which CloudFront does not pass on.

With `media-cdn`:

- `access.maxRequestBytes` and `cache.maxBodyBytes` are at most 16384, and that by default: Media CDN answers larger
  requests with 413. The defaults of `timeouts` and `retries` are too long, so each model needs its own, such as
  `timeouts: {connectSeconds: 1, readSeconds: 10}`.
- At most 3 `publicKeys`, 5 `certificateIds`, and route rules for about 40 shareable models.

With `cloud-cdn`:

- No `authentication`, so that a shareable model with mode `key-auth` is refused; no `staleIfErrorSeconds` with
  store `proxy-cache`.
- Conditions of the URL map for about 18 shareable models.

### With `cache.shareable`

- Only behind an edge, with the cache and `getTwin` on, and not with mode `upstream-credential`; with `key-auth` only
  when `edge.authentication` lets nobody in but those who may read the answers.
- None of `keyHeaders` is a header that the edge sets, removes or keeps no key by. With `cloudfront` at most 74 models,
  9 different `keyHeaders` and 19 different `cors` in all; with `media-cdn` at most 4 `keyHeaders` a model, with
  `cloud-cdn` 9.
- `route.path` leaves room in a URL of 8192 bytes for an input of 6000.
"""


def config_page(generated: str) -> str:
    """The page; `generated` is the remark that it is generated."""
    return "\n".join([_HEAD.format(generated=generated), *_section(Settings, f"{NAMESPACE}:"), _TAIL])


def _section(section: type[BaseModel], path: str) -> Iterator[str]:
    nested: list[tuple[type[BaseModel], str]] = []
    yield f"## `{path.rstrip('.')}`\n\n{section.__doc__ if section is not Settings else 'The top level.'}\n"
    yield "| key | allowed | default | meaning |\n| --- | --- | --- | --- |"
    for name, field in section.model_fields.items():
        key = field.alias or name
        parts = list(_parts(field.annotation))
        inner = next((part for part in parts if isinstance(part, type) and issubclass(part, BaseModel)), None)
        rules: list[Any] = [part for part in (*field.metadata, *parts) if isinstance(part, FieldType | Items)]
        rules.sort(key=lambda rule: not isinstance(rule, Items))
        allowed = "; each ".join(rule.must.removeprefix("must be ") for rule in rules)
        if inner:
            listed = any(isinstance(rule, Items) for rule in rules)
            nested.append((inner, f"{path}{key}{'[]' if listed else ''}."))
            allowed = allowed or "a mapping"
        yield row(f"`{key}`", allowed or "true or false", _default(field), _meaning(field, path + key))
    yield ""
    for inner, inner_path in nested:
        yield from _section(inner, inner_path)


def _meaning(field: FieldInfo, path: str) -> str:
    """What the field's docstring says, and which providers of an edge take it."""
    providers = ONLY_WITH.get(tuple(path.removeprefix(f"{NAMESPACE}:edge.").split(".")))
    only = f" Only with {one_of(providers)}." if providers else ""
    return f"{field.description or ''}{only}"


def _parts(annotation: Any) -> Iterator[Any]:
    """What an annotation is made of: types, and the rules that stand in Annotated."""
    yield annotation
    for part in get_args(annotation):
        yield from _parts(part)


def _default(field: FieldInfo) -> str:
    if field.is_required():
        return REQUIRED
    made_later = field.default is PydanticUndefined or (field.json_schema_extra and field.default is not None)
    return "" if made_later or field.default is None else code(field.default)
