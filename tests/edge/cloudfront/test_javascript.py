"""The runtime of viewer-request functions: modules, isolation of runs, limits, what is refused."""

from __future__ import annotations

import base64
import hashlib
import hmac
import json
from typing import Any

import pytest

from local.edge.cloudfront.javascript import FunctionFailed, JavaScript
from local.edge.fields import ConfigurationError, Fields


def run(body: str, given: Any = None, raw_query: str | None = None, before: str = "") -> Any:
    code = f"{before}\nasync function handler(event) {{ const given = event.given; {body} }}"
    return JavaScript(code).run({"given": given, "request": {}}, raw_query)


@pytest.mark.parametrize("statement", ["import crypto from 'crypto';", 'const crypto = require("crypto")'])
@pytest.mark.parametrize("algorithm", ["md5", "sha1", "sha256"])
def test_hashes_are_those_of_every_other_implementation(algorithm: str, statement: str) -> None:
    for size in (0, 1, 55, 56, 63, 64, 65, 119, 200):
        text, key = "é" * (size // 2) + "x" * (size % 2), "k" * size
        found = run(
            "return [given.a, 'x'].slice(0, 1).map((a) => ({"
            " hash: crypto.createHash(a).update(given.text).digest('hex'),"
            " both: crypto.createHash(a).update(given.text).update(Buffer.from('ff00', 'hex')).digest('base64'),"
            " hmac: crypto.createHmac(a, given.key).update(given.text).digest('base64url') }))[0];",
            {"a": algorithm, "text": text, "key": key},
            before=statement,
        )
        data = text.encode()
        assert found["hash"] == hashlib.new(algorithm, data).hexdigest()
        assert found["both"] == base64.b64encode(hashlib.new(algorithm, data + b"\xff\x00").digest()).decode()
        made = hmac.new(key.encode(), data, algorithm).digest()
        assert found["hmac"] == base64.urlsafe_b64encode(made).decode().rstrip("=")


def test_a_digest_without_encoding_is_a_buffer_and_other_algorithms_are_refused() -> None:
    found = run("return require('crypto').createHash('md5').digest().toString('hex');", before="// crypto")
    assert found == hashlib.md5(b"").hexdigest()
    with pytest.raises(FunctionFailed, match="not supported algorithm"):
        run("return crypto.createHash('sha512');", before="import crypto from 'crypto';")


@pytest.mark.parametrize("data", [b"", b"\x00\xff", b"abc", "ähm €".encode(), "𝛑".encode(), bytes(range(256))])
@pytest.mark.parametrize("encoding", ["base64", "base64url", "hex", "utf8"])
def test_buffers_decode_and_encode(data: bytes, encoding: str) -> None:
    text = {
        "base64": base64.b64encode(data).decode(),
        "base64url": base64.urlsafe_b64encode(data).decode().rstrip("="),
        "hex": data.hex(),
        "utf8": data.decode("utf-8", "replace"),
    }[encoding]
    body = (
        "const from = Buffer.from(given.bytes);"
        " return [from.toString(given.encoding), Array.from(Buffer.from(given.text, given.encoding)), from.length];"
    )
    found = run(body, {"bytes": list(data), "text": text, "encoding": encoding})
    assert found == [text, list(text.encode() if encoding == "utf8" else data), len(data)]


@pytest.mark.parametrize("given", ["YWJj", "YWJj=", "YW Jj", "YW\nJj", "YWJj-", ""])
def test_base64_is_read_as_leniently_as_nodes(given: str) -> None:
    assert run("return Buffer.from(given, 'base64url').toString();", given) == ("abc" if given else "")


def test_atob_and_json_and_promises() -> None:
    assert run("return JSON.parse(atob(await given));", base64.b64encode(b'{"a":[1]}').decode()) == {"a": [1]}


@pytest.mark.parametrize(("raw", "seen"), [("a=%20&a", "a=%20&a"), ("", ""), (None, None)])
def test_raw_query_string(raw: str | None, seen: str | None) -> None:
    function = JavaScript(
        "function handler(e) { return {raw: e.request.rawQueryString(), keys: Object.keys(e.request)}; }"
    )
    assert function.run({"request": {}}, raw) == ({"keys": []} if seen is None else {"raw": seen, "keys": []})


def test_no_state_survives_a_run() -> None:
    function = JavaScript(
        "let count = 0; const seen = [];"
        "function handler(event) {"
        " count++; seen.push(event.id); globalThis.leak = (globalThis.leak || 0) + 1;"
        " Object.prototype.polluted = 'yes'; Array.prototype.map = () => 'replaced'; JSON.stringify = () => '0';"
        " handler.calls = (handler.calls || 0) + 1;"
        " return { count: count, seen: seen, leak: globalThis.leak, calls: handler.calls, map: typeof [].map }; }"
    )
    for number in range(3):
        found = function.run({"id": number}, None)
        assert found == {"count": 1, "seen": [number], "leak": 1, "calls": 1, "map": "function"}


@pytest.mark.parametrize(
    ("body", "reason"),
    [
        ("throw new Error('broken');", "broken"),
        ("return event.missing.value;", "undefined"),
        ("while (true) {}", "interrupted"),
        ("try { while (true) {} } finally { return 1; }", "interrupted"),
        ("const all = []; while (true) all.push('x'.repeat(1000) + all.length);", "memory|interrupted"),
        ("const deep = () => deep() + 1; return deep();", "stack"),
        ("return new Promise(() => {});", "never settled"),
        ("return Promise.reject(new Error('rejected'));", "rejected"),
        ("const a = {}; a.a = a; return a;", "circular"),
        ("return eval('1');", "eval"),
        ("return new Function('return 1')();", "dynamic code"),
        ("return (() => 1).constructor('return 1')();", "dynamic code"),
        ("return Object.getPrototypeOf(async () => 1).constructor('return 1')();", "dynamic code"),
        ("return require('fs');", "Cannot load module"),
        ("return setTimeout;", "setTimeout"),
        ("undeclared = 1;", "undeclared"),
    ],
)
def test_a_run_that_fails_says_why(body: str, reason: str) -> None:
    with pytest.raises(FunctionFailed, match=reason):
        run(body)


def test_time_stands_still_during_a_run() -> None:
    body = "const first = Date.now(); for (let i = 0; i < 20000; i++) {} return [first, Date.now(), +new Date()];"
    first, second, third = run(body)
    assert first == second == third
    assert run("return new Date(86400000).toISOString();") == "1970-01-02T00:00:00.000Z"


@pytest.mark.parametrize(
    ("inputs", "reason"),
    [
        ({"code": "function handler(event) {"}, "does not load"),
        ({"code": "throw new Error('at load')"}, "at load"),
        ({"code": "function other() {}"}, "handler"),
        ({"code": "import cf from 'cloudfront';\nfunction handler() {}"}, "imports 'cloudfront'"),
        ({"code": "function handler() {}" + " " * 10_240}, "10261 bytes"),
        ({"code": "while (true) {}"}, "interrupted"),
        ({"runtime": "cloudfront-js-1.0"}, "cloudfront-js-2.0"),
        ({"publish": False}, "not published"),
        ({"keyValueStoreAssociations": ["arn:aws:cloudfront::000000000000:key-value-store/1"]}, "keyValueStore"),
    ],
)
def test_a_function_that_cannot_run_is_refused(inputs: dict[str, Any], reason: str) -> None:
    given = {"name": "f", "runtime": "cloudfront-js-2.0", "code": "function handler() {}", **inputs}
    with pytest.raises(ConfigurationError, match=reason):
        JavaScript.read(Fields("Function f", given))


def test_an_event_of_the_largest_size_fits_into_the_memory() -> None:
    function = JavaScript("function handler(event) { return event.request; }")
    event = {"request": {"querystring": {"input": {"value": "x" * 8_000}}, "headers": {"a": {"value": "y" * 12_000}}}}
    assert function.run(event, "input=" + "x" * 8_000) == json.loads(json.dumps(event["request"]))
