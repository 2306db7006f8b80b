"""Names and defaults that the components have too."""

from __future__ import annotations

from components.gateway import arguments as components
from components.prediction_key import KEY_HEADER
from settings.models import TTL_SECONDS_BY_PROFILE
from tests.settings.support import model, parsed, problems, stack


def test_defaults_are_those_of_the_components() -> None:
    settings = parsed(stack(model(access={"mode": "upstream-credential", "cors": {"origins": ["https://a.b"]}})))
    (digits,) = settings.models
    cache = digits.cache.model_dump()
    assert {key: list(v) if isinstance(v := cache[key], tuple) else v for key in components.CACHE} == components.CACHE
    assert components.TTL_SECONDS == TTL_SECONDS_BY_PROFILE
    assert digits.timeouts.model_dump() == components.TIMEOUTS
    assert digits.retries == components.RETRIES
    assert settings.dictionary == components.DICTIONARY
    assert digits.access.max_request_bytes == components.MAX_REQUEST_BYTES
    assert list(digits.access.credential_headers) == components.CREDENTIAL_HEADERS
    assert digits.access.cors is not None
    assert digits.access.cors.max_age_seconds == components.CORS_MAX_AGE_SECONDS


def test_the_internal_key_header_cannot_be_part_of_the_key() -> None:
    (problem,) = problems(stack(model(cache={"keyHeaders": [KEY_HEADER.lower()]})))
    assert "is not allowed here" in problem
