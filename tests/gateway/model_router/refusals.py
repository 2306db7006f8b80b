"""The router's own errors, as OpenAI's clients read them."""

from __future__ import annotations

from typing import Any

import httpx

# What GET /v1/models tells everybody with a key.
NAMES = ["alpha", "beta", "gpt-x", "org/model:7b"]


def refusal(answer: httpx.Response, code: str) -> dict[str, Any]:
    """The error of an answer that is OpenAI's in form."""
    assert answer.headers["content-type"] == "application/json"
    assert answer.headers["cache-control"] == "no-store"
    error = answer.json()["error"]
    assert set(error) - {"models"} == {"message", "type", "param", "code"}
    assert (error["type"], error["param"], error["code"]) == ("invalid_request_error", "model", code)
    return error
