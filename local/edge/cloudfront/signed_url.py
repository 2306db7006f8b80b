"""Signed URLs and signed cookies: whether a request to a restricted behaviour carries a valid signature."""

from __future__ import annotations

import base64
import binascii
import ipaddress
import json
import re
import time
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any

from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec, padding, rsa

from local.edge.fields import ConfigurationError

_HASHES: dict[str, hashes.HashAlgorithm] = {"SHA1": hashes.SHA1(), "SHA256": hashes.SHA256()}
PARAMETERS = frozenset({"Expires", "Policy", "Signature", "Key-Pair-Id", "Hash-Algorithm"})
COOKIES = frozenset(f"CloudFront-{name}" for name in PARAMETERS)
Key = rsa.RSAPublicKey | ec.EllipticCurvePublicKey


class AccessDenied(Exception):
    """The request is not allowed: the code and message of CloudFront's error document."""

    def __init__(self, code: str, message: str) -> None:
        super().__init__(message)
        self.code, self.message = code, message


@dataclass(frozen=True)
class PublicKeys:
    """The keys of trusted key groups, by public key id; `check` raises AccessDenied unless one of them signed.

    Usage:
        keys = PublicKeys({"K2JCJMDEHXQW5F": public_key(pem)})
        keys.check("localhost:8003", "/p", "input=e30&Expires=...&Signature=...&Key-Pair-Id=...", {}, "127.0.0.1")

    Canned and custom policies; RSA (PKCS #1 v1.5) and ECDSA P-256; SHA-1, or SHA-256 with Hash-Algorithm=SHA256. A
    signature in the query goes before cookies. The resource may be http or https: the local edge stands for the TLS
    side. Sources: CloudFront Developer Guide, "Use signed URLs", "Use signed cookies", "Code examples for creating a
    signature for a signed URL" (Hash-Algorithm).
    """

    keys: Mapping[str, Key]

    @classmethod
    def union(cls, groups: Iterable[PublicKeys]) -> PublicKeys:
        return cls({key_id: key for group in groups for key_id, key in group.keys.items()})

    def check(self, host: str, path: str, query: str, cookies: Mapping[str, str], address: str) -> None:
        parameters = _parameters(query)
        if not parameters:
            given = {name: value for name, value in cookies.items() if name in COOKIES}
            parameters = {name.removeprefix("CloudFront-"): value for name, value in given.items()}
        if "Key-Pair-Id" not in parameters:
            raise AccessDenied("MissingKey", "Missing Key-Pair-Id query parameter or cookie value")
        denied = AccessDenied("AccessDenied", "Access denied")
        key = self.keys.get(parameters["Key-Pair-Id"])
        algorithm = _HASHES.get(parameters.get("Hash-Algorithm", "SHA1").upper())
        if key is None or algorithm is None or "Signature" not in parameters:
            raise denied
        signature = _decoded(parameters["Signature"])
        urls = [f"{scheme}://{host}{resource(path, query)}" for scheme in ("https", "http")]
        if "Policy" in parameters:
            policy = _decoded(parameters["Policy"])
            allowed = _signed(key, algorithm, signature, policy) and any(_allows(policy, url, address) for url in urls)
        else:
            expires = parameters.get("Expires", "")
            allowed = (
                re.fullmatch(r"[0-9]{1,12}", expires) is not None
                and time.time() < int(expires)
                and any(_signed(key, algorithm, signature, canned_policy(url, int(expires))) for url in urls)
            )
        if not allowed:
            raise denied


def public_key(encoded: str) -> Key:
    """Return the key of a PEM; raise ConfigurationError for other than RSA 2048 and ECDSA P-256 (API: PublicKey)."""
    try:
        key = serialization.load_pem_public_key(encoded.encode())
    except ValueError:
        raise ConfigurationError("encodedKey is not a public key in PEM") from None
    if isinstance(key, rsa.RSAPublicKey) and key.key_size == 2048:
        return key
    if isinstance(key, ec.EllipticCurvePublicKey) and isinstance(key.curve, ec.SECP256R1):
        return key
    raise ConfigurationError("encodedKey must be an RSA key of 2048 bits or an ECDSA key on P-256")


def canned_policy(url: str, expires: int) -> bytes:
    """Return the policy statement that a canned signature signs, byte for byte."""
    statement = {"Resource": url, "Condition": {"DateLessThan": {"AWS:EpochTime": expires}}}
    return json.dumps({"Statement": [statement]}, separators=(",", ":"), ensure_ascii=False).encode()


def without_signature(query: str) -> str:
    """Return the query without the signing parameters; the rest in its order."""
    kept = [part for part in query.split("&") if part.partition("=")[0] not in PARAMETERS]
    return "&".join(kept)


def resource(path: str, query: str) -> str:
    """Return path and query of the base URL that is signed: without the signing parameters."""
    rest = without_signature(query)
    return f"{path}?{rest}" if rest else path


def _parameters(query: str) -> dict[str, str]:
    found: dict[str, str] = {}
    for part in query.split("&"):
        name, _, value = part.partition("=")
        if name in PARAMETERS:
            if name in found:
                raise AccessDenied("AccessDenied", "Access denied")
            found[name] = value
    return found


def _decoded(value: str) -> bytes:
    try:
        return base64.b64decode(value.translate(str.maketrans("-_~", "+=/")), validate=True)
    except (binascii.Error, ValueError):
        raise AccessDenied("MalformedSignature", "Could not unencode Signature") from None


def _signed(key: Key, algorithm: hashes.HashAlgorithm, signature: bytes, message: bytes) -> bool:
    try:
        if isinstance(key, rsa.RSAPublicKey):
            key.verify(signature, message, padding.PKCS1v15(), algorithm)
        else:
            key.verify(signature, message, ec.ECDSA(algorithm))
    except InvalidSignature:
        return False
    return True


def _allows(policy: bytes, url: str, address: str) -> bool:
    """Whether a custom policy, known to be signed, allows the URL now and for this viewer."""
    try:
        statement: Any = json.loads(policy)["Statement"]
        statement = statement[0] if isinstance(statement, list) and len(statement) == 1 else statement
        condition = statement["Condition"]
        begins = condition.get("DateGreaterThan", {}).get("AWS:EpochTime", 0)
        network = condition.get("IpAddress", {}).get("AWS:SourceIp", "0.0.0.0/0")
        return (
            begins <= time.time() < condition["DateLessThan"]["AWS:EpochTime"]
            and (network == "0.0.0.0/0" or ipaddress.ip_address(address) in ipaddress.ip_network(network, False))
            and resource_matches(statement.get("Resource", "*"), url)
        )
    except (ValueError, KeyError, TypeError, AttributeError):
        return False


def resource_matches(pattern: str, url: str) -> bool:
    """Whether the Resource of a custom policy covers the URL; wildcards stay inside protocol, domain, path and query.

    Source: CloudFront Developer Guide, "Create a signed URL using a custom policy" (values of Resource).
    """
    if pattern == "*":
        return True
    if "://" not in pattern:
        pattern = f"*://{pattern}"
    scheme, _, rest = pattern.partition("://")
    domain, slash, tail = rest.partition("/")
    path, mark, query = tail.partition("\\?")
    if domain.endswith("*") and not slash:
        path, query = "*", "*"
    elif path.endswith("*") and not mark:
        query = "*"
    url_scheme, _, url_rest = url.partition("://")
    url_domain, _, url_tail = url_rest.partition("/")
    url_path, _, url_query = url_tail.partition("?")
    pairs = ((scheme, url_scheme), (domain.lower(), url_domain.lower()), (path, url_path), (query, url_query))
    return all(_glob(pattern).fullmatch(text) for pattern, text in pairs)


def _glob(pattern: str) -> re.Pattern[str]:
    parts = {"*": ".*", "?": "."}
    return re.compile("".join(parts.get(character) or re.escape(character) for character in pattern), re.DOTALL)
