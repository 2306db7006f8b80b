"""A log of requests made from real data: the words of Python's own help texts, in their order, ask for real digits.

    log = word_log(requests=3_000, span_seconds=20.0)
    log.write(Path("requests.jsonl"))

    python -m tests.ops.plan.words requests.jsonl      # 20,000 requests in two days

Each distinct word of `pydoc_data.topics` (CPython) stands for one question: one of scikit-learn's 8x8 digits, with 3
or 6 decimals of the probabilities. So questions come again as words do in a text: few very often, most seldom, and what
was asked a moment ago sooner. Arrivals are a Poisson process with a fixed seed; answers are those of the classifier.
"""

from __future__ import annotations

import json
import pydoc_data.topics
import random
import re
import sys
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from local.model.classifier import DigitsClassifier, unseen_images

START = 1_793_491_200  # 2026-11-01T00:00:00Z


@dataclass(frozen=True)
class Asked:
    """One request: seconds after the first, its body as sent, and the model's answer."""

    seconds: float
    body: bytes
    answer: str


@dataclass(frozen=True)
class WordLog:
    """The requests in order."""

    requests: list[Asked]

    def write(self, path: Path) -> None:
        """As JSON lines."""
        with path.open("w", encoding="utf-8") as file:
            for asked in self.requests:
                file.write(json.dumps(self._record(asked)) + "\n")

    def _record(self, asked: Asked) -> dict[str, Any]:
        body, answer = asked.body.decode(), json.loads(asked.answer)
        return {"time": START + asked.seconds, "model": "digits", "body": body, "answer": answer, "latency_ms": 5}


def word_log(requests: int, span_seconds: float, seed: int = 9) -> WordLog:
    """So many words from the beginning on, in about so many seconds."""
    text = " ".join(pydoc_data.topics.topics.values()).lower()
    words = re.findall(r"[a-z]+", text)[:requests]
    numbers = {word: number for number, word in enumerate(dict.fromkeys(words))}
    images, _ = unseen_images()
    model = DigitsClassifier("1")
    questions = []
    for number in range(len(numbers)):
        # Twice as many as images: some differ in nothing but the decimals.
        image, decimals = images[number // 2 % len(images)], (3, 6)[number % 2]
        body = {"instances": [image], "parameters": {"decimals": decimals}}
        predictions = model.predict([image], decimals)
        questions.append((json.dumps(body).encode(), json.dumps({"model_version": "1", "predictions": predictions})))
    chance, at, found = random.Random(seed), 0.0, []
    for word in words:
        found.append(Asked(round(at, 6), *questions[numbers[word]]))
        at += chance.expovariate(requests / span_seconds)
    return WordLog(found)


if __name__ == "__main__":
    word_log(requests=20_000, span_seconds=2 * 86_400).write(Path(sys.argv[1]))
