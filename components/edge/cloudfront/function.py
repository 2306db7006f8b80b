"""Renders the JavaScript that CloudFront runs for every viewer request.

    source = render({"/digits/predict": FunctionRoute(token, ("x-tenant",))}, None)

Pure text in, text out. Every value becomes a JSON literal, which is a JavaScript one.
"""

import json
import pathlib
from collections.abc import Mapping
from dataclasses import dataclass

from ... import validation
from .. import limits

COMPONENT = "CloudFrontEdge"
RUNTIME = "cloudfront-js-2.0"

_FOLDER = pathlib.Path(__file__).parent
_TOKEN_CHARACTERS = frozenset("0123456789abcdef")
_TOKEN_LENGTH = 32
PLACEHOLDER_TOKEN = "0" * _TOKEN_LENGTH  # of the same size as any token


@dataclass(frozen=True)
class FunctionRoute:
    """A path of the table: the token of the deployed version, "" when not shareable, and the model's key headers."""

    token: str
    headers: tuple[str, ...] = ()


@dataclass(frozen=True)
class JwtRules:
    """What a bearer token must be like. `secrets` are then part of the source, which has to stay secret."""

    secrets: tuple[str, ...]
    issuer: str | None = None
    audience: str | None = None


def render(routes: Mapping[str, FunctionRoute], jwt: JwtRules | None) -> str:
    """The Function's source. Raises ArgumentError for a wrong token, a weak secret or more than 10,240 bytes."""
    for secret in jwt.secrets if jwt else ():
        if len(secret.encode()) < limits.MIN_JWT_SECRET_BYTES:
            raise validation.ArgumentError(
                COMPONENT, "authentication.secrets", f"must have at least {limits.MIN_JWT_SECRET_BYTES} bytes each"
            )
    table = {path: " ".join((_checked(route.token), *route.headers)) for path, route in sorted(routes.items())}
    rules = {"secrets": jwt.secrets, "issuer": jwt.issuer, "audience": jwt.audience} if jwt else None
    values = {"ROUTES": table, "MAX_INPUT_CHARACTERS": limits.MAX_INPUT_CHARACTERS, "JWT": rules}
    constants = f"const {','.join(f'{name}={_literal(value)}' for name, value in values.items())};"
    parts = [constants, _source("viewer_request.js")]
    if jwt:
        parts = ["import crypto from 'crypto';", constants, _source("jwt.js"), _source("viewer_request.js")]
    source = "\n".join(parts) + "\n"
    size = len(source.encode())
    if size > limits.MAX_FUNCTION_BYTES:
        raise validation.ArgumentError(
            COMPONENT,
            "routes",
            f"make a CloudFront Function of {size} bytes, which may have {limits.MAX_FUNCTION_BYTES}: "
            "use fewer models or shorter paths for one edge",
        )
    return source


def _checked(token: str) -> str:
    if token and (len(token) != _TOKEN_LENGTH or not _TOKEN_CHARACTERS.issuperset(token)):
        raise validation.ArgumentError(
            COMPONENT, "routes[].version_token", f"must be {_TOKEN_LENGTH} hex digits in lower case"
        )
    return token


def _literal(value: object) -> str:
    return json.dumps(value, separators=(",", ":"))


def _source(name: str) -> str:
    """A source without comments and indentation: the Function's size is limited."""
    lines = (line.strip() for line in (_FOLDER / name).read_text(encoding="utf-8").splitlines())
    return "\n".join(line for line in lines if line and not line.startswith("//"))
