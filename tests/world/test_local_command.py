from __future__ import annotations

import base64

from local.__main__ import get_url
from local.model.request import PredictionRequest


def test_the_shown_url_asks_the_model_a_question() -> None:
    url = get_url("http://127.0.0.1:8003/digits/predict")
    encoded = url.params["input"]
    asked = PredictionRequest.parse(base64.urlsafe_b64decode(encoded + "=" * (-len(encoded) % 4)))
    assert (url.path, len(asked.instances)) == ("/digits/predict", 1)
