"""Restricted behaviours: signed URLs and cookies, signed by botocore, that is by another implementation."""

from __future__ import annotations

import base64
import datetime
import json
import time
from typing import Any

import pytest
from botocore.signers import CloudFrontSigner
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec, padding, rsa

from local.edge.cloudfront.signed_url import public_key, resource_matches
from local.edge.fields import ConfigurationError
from tests.edge.running import ALL_METHODS, ALL_VIEWER_EXCEPT_HOST, Edge, Origin, cache_policy, configure

RSA_KEY = rsa.generate_private_key(65537, 2048)
EC_KEY = ec.generate_private_key(ec.SECP256R1())
OTHER_KEY = rsa.generate_private_key(65537, 2048)
POLICY = cache_policy(query=["input"])


def pem(key: Any) -> str:
    public, form = serialization.Encoding.PEM, serialization.PublicFormat.SubjectPublicKeyInfo
    return key.public_key().public_bytes(public, form).decode()


def sign(key: Any, message: bytes, algorithm: Any = None) -> bytes:
    algorithm = algorithm or hashes.SHA1()
    if isinstance(key, rsa.RSAPrivateKey):
        return key.sign(message, padding.PKCS1v15(), algorithm)
    return key.sign(message, ec.ECDSA(algorithm))


def encoded(data: bytes) -> str:
    return base64.b64encode(data).decode().translate(str.maketrans("+=/", "-_~"))


def signed(
    edge: Edge, target: str, key: Any = RSA_KEY, key_id: str = "KRSA", algorithm: Any = None, **policy: Any
) -> str:
    """The target with the signature of a canned policy, or of a custom one when `policy` says more."""
    signer = CloudFrontSigner(key_id, lambda message: sign(key, message, algorithm))
    url = f"{edge.proxy}{target}"
    expires = datetime.datetime.now() + datetime.timedelta(seconds=policy.pop("seconds", 60))
    if policy:
        resource = policy.pop("resource", url)
        text = signer.build_policy(resource, expires, **policy)
        return signer.generate_presigned_url(url, policy=text).removeprefix(edge.proxy)
    return signer.generate_presigned_url(url, date_less_than=expires).removeprefix(edge.proxy)


@pytest.fixture
async def restricted(edge: Edge, origin: Origin) -> Edge:
    await edge.must_put("publicKey", "KRSA", {"name": "a", "encodedKey": pem(RSA_KEY)})
    await edge.must_put("publicKey", "KEC", {"name": "b", "encodedKey": pem(EC_KEY)})
    await edge.must_put("publicKey", "KOTHER", {"name": "c", "encodedKey": pem(OTHER_KEY)})
    await edge.must_put("keyGroup", "one", {"name": "g", "items": ["KRSA"]})
    await edge.must_put("keyGroup", "two", {"name": "h", "items": ["KEC"]})
    await configure(edge, origin, POLICY, default={"trustedKeyGroups": ["one", "two"]})
    return edge


@pytest.mark.parametrize("target", ["/a", "/a?input=1", "/a?x=1&input=e30"])
@pytest.mark.parametrize(("key", "key_id"), [(RSA_KEY, "KRSA"), (EC_KEY, "KEC")])
async def test_a_canned_policy_opens_its_url(restricted: Edge, target: str, key: Any, key_id: str) -> None:
    assert (await restricted.send(signed(restricted, target, key, key_id))).status == 200


@pytest.mark.parametrize(("key", "key_id"), [(RSA_KEY, "KRSA"), (EC_KEY, "KEC")])
async def test_sha_256_is_named_in_the_url(restricted: Edge, key: Any, key_id: str) -> None:
    target = signed(restricted, "/a", key, key_id, hashes.SHA256())
    assert (await restricted.send(target)).status == 403
    assert (await restricted.send(f"{target}&Hash-Algorithm=SHA256")).status == 200


async def test_a_url_signed_as_https_is_the_same_url(restricted: Edge) -> None:
    signer = CloudFrontSigner("KRSA", lambda message: sign(RSA_KEY, message))
    expires = datetime.datetime.now() + datetime.timedelta(seconds=60)
    url = signer.generate_presigned_url("https://predict.example.com/a", date_less_than=expires)
    found = await restricted.send(
        url.removeprefix("https://predict.example.com"), headers={"Host": "predict.example.com"}
    )
    assert found.status == 200


async def test_what_signs_reaches_neither_key_nor_origin(edge: Edge, origin: Origin, restricted: Edge) -> None:
    default = {
        "trustedKeyGroups": ["one"],
        "allowedMethods": ALL_METHODS,
        "originRequestPolicyId": ALL_VIEWER_EXCEPT_HOST,
    }
    policy = cache_policy()
    policy["parametersInCacheKeyAndForwardedToOrigin"]["queryStringsConfig"] = {"queryStringBehavior": "all"}
    await configure(edge, origin, policy, default=default)
    for seconds in (60, 90):
        await edge.send(signed(edge, "/a?input=1", seconds=seconds) + "&Hash-Algorithm=SHA1")
    cookies = canned_cookies(edge, "/a?input=1")
    await edge.send("/a?input=1", headers={"Cookie": f"a=1; {cookies}; b=2"})
    assert {one.target for one in origin.received} == {"/a?input=1"}
    assert len({one.key for one in edge.store}) == 1
    await edge.send(signed(edge, "/a"), "POST", headers={"Cookie": cookies}, body=b"x")
    assert (origin.received[-1].target, origin.received[-1].headers.get("Cookie")) == ("/a", None)
    edge.age(100)
    await edge.send("/a?input=1", headers={"Cookie": f"a=1; {cookies}; b=2"})
    assert origin.received[-1].headers["Cookie"] == "a=1; b=2"


def canned_cookies(edge: Edge, target: str, **changes: str) -> str:
    expires = int(time.time()) + 60
    statement = {"Resource": f"{edge.proxy}{target}", "Condition": {"DateLessThan": {"AWS:EpochTime": expires}}}
    message = json.dumps({"Statement": [statement]}, separators=(",", ":")).encode()
    values = {"Expires": str(expires), "Signature": encoded(sign(RSA_KEY, message)), "Key-Pair-Id": "KRSA", **changes}
    return "; ".join(f"CloudFront-{name}={value}" for name, value in values.items() if value)


async def test_signed_cookies(restricted: Edge) -> None:
    for target in ("/a", "/a?input=1"):
        good = {"Cookie": canned_cookies(restricted, target)}
        assert (await restricted.send(target, headers=good)).status == 200
        assert (await restricted.send("/b", headers=good)).status == 403
    custom = json.dumps(custom_policy(f"{restricted.proxy}/*")).encode()
    values = {"Policy": encoded(custom), "Signature": encoded(sign(RSA_KEY, custom)), "Key-Pair-Id": "KRSA"}
    cookie = "; ".join(f"CloudFront-{name}={value}" for name, value in values.items())
    assert (await restricted.send("/any/thing?input=1", headers={"Cookie": cookie})).status == 200


async def test_a_signature_in_the_url_goes_before_cookies(restricted: Edge) -> None:
    good = {"Cookie": canned_cookies(restricted, "/a")}
    assert (await restricted.send("/a?Signature=x&Expires=1&Key-Pair-Id=KRSA", headers=good)).status == 403


def custom_policy(resource: str, **condition: Any) -> dict[str, Any]:
    limits = {"DateLessThan": {"AWS:EpochTime": int(time.time()) + 60}, **condition}
    return {"Statement": [{"Resource": resource, "Condition": limits}]}


@pytest.mark.parametrize(
    ("policy", "status"),
    [
        ({"resource": "*"}, 200),
        ({"resource": "http*://127.0.0.1:*/a*"}, 200),
        ({"resource": "*://127.0.0.1:*/b*"}, 403),
        ({"date_greater_than": datetime.datetime.now() - datetime.timedelta(minutes=5)}, 200),
        ({"date_greater_than": datetime.datetime.now() + datetime.timedelta(days=1)}, 403),
        ({"ip_address": "127.0.0.0/8"}, 200),
        ({"ip_address": "192.0.2.0/24"}, 403),
        ({"resource": "*", "seconds": -5}, 403),
    ],
)
async def test_a_custom_policy_says_what_when_and_who(restricted: Edge, policy: dict[str, Any], status: int) -> None:
    assert (await restricted.send(signed(restricted, "/abc", **policy))).status == status


@pytest.mark.parametrize(
    "change",
    [
        lambda target: "/a?input=2" + target.removeprefix("/a?input=1"),
        lambda target: target.replace("/a?", "/b?"),
        lambda target: f"{target}&x=1",
        lambda target: target.replace("Expires=", "Expires=9"),
        lambda target: target.replace("Key-Pair-Id=KRSA", "Key-Pair-Id=KEC"),
        lambda target: target.replace("Key-Pair-Id=KRSA", "Key-Pair-Id=KOTHER"),
        lambda target: target.replace("Key-Pair-Id=KRSA", "Key-Pair-Id=unknown"),
        lambda target: target.replace("Signature=", "Signature=A"),
        lambda target: target.replace("Signature=", "Signature=%"),
        lambda target: target.partition("&Signature")[0] + "&Key-Pair-Id=KRSA",
        lambda target: f"{target}&Expires=9999999999",
        lambda target: f"{target}&Key-Pair-Id=KRSA",
        lambda target: f"{target}&Hash-Algorithm=MD5",
        lambda target: f"{target}&Policy=e30_",
        lambda target: "/a?input=1",
        lambda target: "/a?input=1&Key-Pair-Id=KRSA",
    ],
)
async def test_a_missing_or_altered_signature_is_a_403(restricted: Edge, origin: Origin, change: Any) -> None:
    target = signed(restricted, "/a?input=1")
    found = await restricted.send(change(target))
    assert (found.status, found.x_cache, origin.received) == (403, "Error", [])


async def test_an_expired_or_wrongly_signed_url_is_a_403(restricted: Edge) -> None:
    assert (await restricted.send(signed(restricted, "/a", seconds=-5))).status == 403
    assert (await restricted.send(signed(restricted, "/a", key=OTHER_KEY))).status == 403
    assert (await restricted.send(signed(restricted, "/a", OTHER_KEY, "KOTHER"))).status == 403


async def test_a_hit_needs_a_signature_too(restricted: Edge) -> None:
    assert (await restricted.send(signed(restricted, "/a"))).status == 200
    found = await restricted.send("/a")
    assert (found.status, found.headers["Content-Type"]) == (403, "text/xml")
    assert b"<Code>MissingKey</Code>" in found.body


async def test_every_method_needs_a_signature(edge: Edge, origin: Origin, restricted: Edge) -> None:
    await configure(edge, origin, POLICY, default={"trustedKeyGroups": ["one"], "allowedMethods": ALL_METHODS})
    for method in ("HEAD", "OPTIONS", "POST", "PUT", "PATCH", "DELETE"):
        assert (await edge.send("/a", method)).status == 403
        assert (await edge.send(signed(edge, "/a"), method)).status == 200


@pytest.mark.parametrize(
    ("pattern", "url", "covered"),
    [
        ("https://a.net/hello*world", "https://a.net/hello-world", True),
        ("https://a.net/hello*world", "https://a.net/hello?world", False),
        ("https://a.net/hello*", "https://a.net/hello/x?y=1", True),
        ("https://a.net/x\\?y=*", "https://a.net/x?y=1", True),
        ("https://a.net/x\\?y=*", "https://a.net/x", False),
        ("https://a.net/x", "https://a.net/x?y=1", False),
        ("https://a.net/x?", "https://a.net/xy", True),
        ("https://a.net*", "https://a.net/x?y", True),
        ("https://a.net*", "https://b.net/x", False),
        ("*a.net/x", "http://www.a.net/x", True),
        ("http://a.net/x", "https://a.net/x", False),
        ("https://*/x", "https://evil.net/y/x", False),
        ("https://a.net/x", "https://A.NET/x", True),
        ("https://a.net/x", "https://a.net/X", False),
        ("*", "https://a.net/x?y", True),
    ],
)
def test_wildcards_of_a_resource_stay_in_their_section(pattern: str, url: str, covered: bool) -> None:
    assert resource_matches(pattern, url) == covered


@pytest.mark.parametrize("key", [rsa.generate_private_key(65537, 3072), ec.generate_private_key(ec.SECP384R1())])
def test_other_keys_are_refused_as_by_cloudfront(key: Any) -> None:
    with pytest.raises(ConfigurationError, match="RSA key of 2048 bits or an ECDSA key on P-256"):
        public_key(pem(key))
    with pytest.raises(ConfigurationError, match="not a public key"):
        public_key("text")
