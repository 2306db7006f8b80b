"""Where a model's questions go, and what they carry: the same as its callers', or the answers would be of no use."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from urllib.parse import urlsplit

from components.inference_edge import predict_url
from settings import ModelSettings, Settings

_CREDENTIALS = ("apikey", "authorization", "cookie", "proxy-authorization")
# Of the connection and of each question's body.
_OF_THE_MESSAGE = (
    *("connection", "content-encoding", "content-length", "expect", "keep-alive", "te", "trailer"),
    *("transfer-encoding", "upgrade"),
)


class TargetError(Exception):
    """The questions cannot be asked like this; the text is for a person."""


@dataclass(frozen=True)
class Target:
    """The URL that is called, and the headers; those of the key, `credential`, are kept apart and are not shown.

    Usage: ``target_of(settings, model, None, "INFERENCE_EDGE_KEY", os.environ, ["Accept: text/csv"])``
    """

    url: str
    headers: dict[str, str]
    credential: dict[str, str] = field(repr=False)
    is_edge: bool = False


def target_of(
    settings: Settings,
    model: ModelSettings,
    url: str | None,
    key_variable: str,
    environment: Mapping[str, str],
    given: Iterable[str],
) -> Target:
    """`url`: of one node, of the edge, or None for the stack's gatewayUrl. Raises TargetError."""
    headers = {"content-type": "application/json", "accept": "*/*", **_headers(model, given)}
    callers_url = predict_url(settings.gateway_url, model.route.path, *model.route.hosts[:1])
    if model.cache.shareable:
        _check_edge(settings, model, url)
    else:
        headers.setdefault("host", urlsplit(callers_url).netloc)
    return Target(
        url=predict_url(url or settings.gateway_url, model.route.path),
        headers=headers,
        credential=_credential(settings, model, key_variable, environment),
        is_edge=model.cache.shareable,
    )


def _check_edge(settings: Settings, model: ModelSettings, url: str | None) -> None:
    if settings.edge.authentication.mode != "none":
        raise TargetError(
            f"the edge lets in nobody to {model.name} without a {settings.edge.authentication.mode}, which warm does "
            "not make: let a caller ask these questions"
        )
    if not url:
        raise TargetError(
            f"{model.name} is shareable, its callers ask the edge: name it, --url https://<the edge's host> "
            "(edgeUrl in the stack's outputs)"
        )


def _headers(model: ModelSettings, given: Iterable[str]) -> dict[str, str]:
    headers: dict[str, str] = {}
    for line in given:
        name, colon, value = (part.strip() for part in line.partition(":"))
        name = name.lower()
        if (
            not colon
            or not name.replace("-", "").replace("_", "").isalnum()
            or not (line.isascii() and line.isprintable())
        ):
            raise TargetError("--header takes a name and a value, such as 'Accept: application/json'")
        if name in (*_CREDENTIALS, *model.access.credential_headers):
            raise TargetError(f"--header {name}: a credential does not belong on a command line; see --key-env")
        if name in _OF_THE_MESSAGE:
            raise TargetError(f"--header {name}: warm sets it itself, for each question")
        headers[name] = value
    return headers


def _credential(
    settings: Settings, model: ModelSettings, variable: str, environment: Mapping[str, str]
) -> dict[str, str]:
    mode = model.access.mode
    if mode == "open":
        return {}
    value = environment.get(variable, "").strip()
    name = "apikey" if mode == "key-auth" else model.access.credential_headers[0]
    if not value:
        whose = f"the key of a consumer of {model.name}" if mode == "key-auth" else f"a caller's {name} header"
        consumers = ", ".join(consumer.name for consumer in settings.consumers_of(model))
        who = f" ({consumers})" if consumers else ""
        raise TargetError(f"{model.name} asks who calls: set {variable} to {whose}{who}, or name another by --key-env")
    if not value.isascii() or not value.isprintable():
        raise TargetError(f"{variable} holds no key: it has characters that no header can have")
    return {name: value}
