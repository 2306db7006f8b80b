"""The requests of the demo: real images with repeats, each time written differently."""

from __future__ import annotations

import json
import random
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from local.model.classifier import DigitsClassifier, unseen_images


@dataclass(frozen=True)
class Prediction:
    """One request to send: which of the distinct inputs it asks for, and its body."""

    index: int
    body: bytes


class Workload:
    """A seeded list of prediction requests drawn with repeats, and the model's own answer to each.

    Usage:
        workload = Workload(requests=100, distinct=20, further=60, seed=7)
        workload.predictions                  # 100 x Prediction, popular inputs more often (Zipf)
        workload.further                      # 60 x Prediction, of inputs that do not occur among them
        workload.answers("2")[prediction.index]     # what version 2 of the model answers to it

    The images are real digits that the model was not trained on. The same input is never written the same way
    twice in a row: key order and white space change, values do not.
    """

    def __init__(self, requests: int, distinct: int = 20, further: int = 60, seed: int = 7) -> None:
        chance = random.Random(seed)
        self.images, self.digits = _sample(chance, distinct + further)
        self.inputs = [_request(chance, image) for image in self.images]
        popularity = [1 / rank for rank in range(1, distinct + 1)]
        drawn = chance.choices(range(distinct), weights=popularity, k=requests)
        self.predictions = [self._prediction(index, chance) for index in drawn]
        self.further = [self._prediction(index, chance) for index in range(distinct, distinct + further)]

    @property
    def asked(self) -> list[int]:
        """Indices of the inputs that occur, in order of their first request."""
        return list(dict.fromkeys(prediction.index for prediction in self.predictions))

    def answers(self, version: str) -> list[dict[str, Any]]:
        """Return the answer of that model version to each input, computed here and not over HTTP."""
        model = DigitsClassifier(version)
        return [
            {
                "model_version": version,
                "predictions": model.predict(request["instances"], request["parameters"]["decimals"]),
            }
            for request in self.inputs
        ]

    def _prediction(self, index: int, chance: random.Random) -> Prediction:
        return Prediction(index, rendered(self.inputs[index], chance))


def rendered(document: Any, chance: random.Random) -> bytes:
    """Write a JSON document with random key order and white space; numbers and strings stay as they are."""
    return _text(document, chance).encode()


def _sample(chance: random.Random, distinct: int) -> tuple[list[list[int]], list[int]]:
    images, digits = unseen_images()
    chosen = chance.sample(range(len(images)), distinct)
    return [images[index] for index in chosen], [digits[index] for index in chosen]


def _request(chance: random.Random, image: Sequence[int]) -> dict[str, Any]:
    return {"instances": [list(image)], "parameters": {"decimals": chance.choice([3, 4, 6])}}


def _text(value: Any, chance: random.Random) -> str:
    if isinstance(value, dict):
        names = chance.sample(sorted(value), len(value))
        fields = [f"{json.dumps(name)}{_space(chance)}:{_space(chance)}{_text(value[name], chance)}" for name in names]
        return _between("{", fields, "}", chance)
    if isinstance(value, list):
        return _between("[", [_text(item, chance) for item in value], "]", chance)
    return json.dumps(value)


def _between(opening: str, items: list[str], closing: str, chance: random.Random) -> str:
    gap = _space(chance)
    return f"{opening}{gap}{(',' + gap).join(items)}{_space(chance)}{closing}"


def _space(chance: random.Random) -> str:
    return chance.choice(["", "", " ", "  ", "\n", "\t"])
