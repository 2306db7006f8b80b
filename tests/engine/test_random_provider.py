"""The random provider."""

from __future__ import annotations

import base64
from typing import Any

import pulumi
import pulumi_random
import pytest

from local.engine import EngineError
from local.engine.providers.random import RandomProvider
from tests.engine.conftest import MakeEngine


def everything(length: int = 16, keeper: str = "a") -> Any:
    def program() -> None:
        data = pulumi_random.RandomBytes("b", length=length, keepers={"k": keeper})
        password = pulumi_random.RandomPassword("p", length=20, special=False, min_numeric=5)
        text = pulumi_random.RandomString("s", length=6, upper=False, special=False, numeric=False)
        number = pulumi_random.RandomId("i", byte_length=4, prefix="x-")
        uuid = pulumi_random.RandomUuid("u")
        for name, value in {
            "base64": data.base64,
            "hex": data.hex,
            "password": password.result,
            "text": text.result,
            "textId": text.id,
            "idHex": number.hex,
            "idDec": number.dec,
            "uuid": uuid.result,
        }.items():
            pulumi.export(name, value)

    return program


def test_values_have_their_forms_and_secrets_are_secret(make_engine: MakeEngine) -> None:
    engine = make_engine(everything())
    masked = engine.up().outputs
    assert {name for name, value in masked.items() if value == "[secret]"} == {"base64", "hex", "password"}
    clear = engine.outputs(show_secrets=True)
    assert base64.b64decode(clear["base64"]).hex() == clear["hex"] and len(clear["hex"]) == 32
    assert len(clear["password"]) == 20 and sum(letter.isdigit() for letter in clear["password"]) >= 5
    assert clear["password"].isalnum() and clear["text"].islower() and clear["text"] == clear["textId"]
    assert clear["idHex"].startswith("x-") and int(clear["idHex"][2:], 16) == int(clear["idDec"][2:])


def test_values_stay_until_an_input_changes(make_engine: MakeEngine) -> None:
    make_engine(everything()).up()
    before = make_engine(everything()).outputs(show_secrets=True)
    assert make_engine(everything()).up().changes["same"] == 6
    make_engine(everything()).refresh()
    make_engine(everything()).up()
    assert make_engine(everything()).outputs(show_secrets=True) == before
    assert make_engine(everything(keeper="b")).up().changes["replace"] == 1
    after = make_engine(everything()).outputs(show_secrets=True)
    assert after["hex"] != before["hex"] and after["password"] == before["password"]


@pytest.mark.parametrize(
    ("kind", "inputs", "message"),
    [
        ("Bytes", {"length": 0}, "length must be a whole number of at least 1"),
        ("Bytes", {}, "length must be a whole number of at least 1"),
        ("Bytes", {"length": 1, "size": 1}, "unknown input size"),
        ("Shuffle", {}, "the embedded engine has no random:index/randomShuffle:RandomShuffle"),
    ],
)
def test_wrong_inputs_are_named(kind: str, inputs: dict[str, Any], message: str) -> None:
    with pytest.raises(EngineError, match=message):
        RandomProvider().check(f"random:index/random{kind}:Random{kind}", "r", inputs, {})


@pytest.mark.parametrize(
    ("inputs", "message"),
    [
        ({"length": 3, "minLower": 4}, "length must be at least the sum"),
        (dict.fromkeys(("lower", "upper", "numeric", "special"), False) | {"length": 3}, "at least one of lower"),
    ],
)
def test_impossible_passwords_are_refused(inputs: dict[str, Any], message: str) -> None:
    type_ = "random:index/randomPassword:RandomPassword"
    provider = RandomProvider()
    with pytest.raises(EngineError, match=message):
        provider.create(type_, "", provider.check(type_, "p", inputs, {}), list)
