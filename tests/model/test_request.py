from __future__ import annotations

import json
from typing import Any

import pytest

from local.model.request import InvalidRequestError, PredictionRequest

IMAGE = [0] * 63 + [16]


def test_reads_images_and_parameters() -> None:
    request = PredictionRequest.parse(json.dumps({"instances": [IMAGE], "parameters": {"decimals": 3}}).encode())
    assert request == PredictionRequest(instances=[IMAGE], decimals=3)


def test_parameters_may_be_left_out() -> None:
    assert PredictionRequest.parse(json.dumps({"instances": [IMAGE]}).encode()).decimals == 6


@pytest.mark.parametrize(
    ("body", "reason"),
    [
        (b"", "not JSON in UTF-8"),
        (b"{", "not JSON in UTF-8"),
        (b"\xff\xfe", "not JSON in UTF-8"),
        (b"[" * 100_000, "not JSON in UTF-8"),
        (b"[]", "the body must be an object"),
        (b"{}", "instances is missing"),
        (b'{"instances": [], "instances": []}', "a field is given twice"),
        (b'{"instances": [NaN]}', "NaN is no JSON number"),
        (b'{"instances": [-Infinity]}', "-Infinity is no JSON number"),
    ],
)
def test_refuses_what_is_no_request(body: bytes, reason: str) -> None:
    with pytest.raises(InvalidRequestError, match=reason):
        PredictionRequest.parse(body)


@pytest.mark.parametrize(
    ("document", "reason"),
    [
        ({"instances": [IMAGE], "stream": True}, "unknown fields: stream"),
        ({"instances": []}, "1 to 100 images"),
        ({"instances": [IMAGE] * 101}, "1 to 100 images"),
        ({"instances": IMAGE}, r"instances\[0\] must be a list of 64 numbers"),
        ({"instances": [IMAGE, IMAGE[1:]]}, r"instances\[1\] must be a list of 64 numbers"),
        ({"instances": [[*IMAGE[1:], True]]}, r"instances\[0\]\[63\] must be a number"),
        ({"instances": [[*IMAGE[1:], "5"]]}, r"instances\[0\]\[63\] must be a number"),
        ({"instances": [[*IMAGE[1:], 17]]}, r"instances\[0\]\[63\] must be a number"),
        ({"instances": [[-1, *IMAGE[1:]]]}, r"instances\[0\]\[0\] must be a number"),
        ({"instances": [IMAGE], "parameters": []}, "parameters must be an object"),
        ({"instances": [IMAGE], "parameters": {"decimals": 0}}, "from 1 to 6"),
        ({"instances": [IMAGE], "parameters": {"decimals": 2.0}}, "from 1 to 6"),
        ({"instances": [IMAGE], "parameters": {"top": 1}}, "unknown fields: top"),
    ],
)
def test_says_what_is_wrong_and_where(document: dict[str, Any], reason: str) -> None:
    with pytest.raises(InvalidRequestError, match=reason):
        PredictionRequest.parse(json.dumps(document).encode())


def test_a_number_too_large_for_a_float_is_refused() -> None:
    body = json.dumps({"instances": [IMAGE]}).replace("16", "1e999").encode()
    with pytest.raises(InvalidRequestError, match="must be a number from 0 to 16"):
        PredictionRequest.parse(body)
