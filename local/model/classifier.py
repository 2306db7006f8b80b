"""A real classifier for the 8x8 digits images that scikit-learn ships."""

from __future__ import annotations

from collections.abc import Sequence
from functools import lru_cache
from typing import Any

import numpy as np
from sklearn.datasets import load_digits
from sklearn.ensemble import ExtraTreesClassifier
from sklearn.linear_model import LogisticRegression

VERSIONS = ("1", "2")
PIXELS = 64
MAX_INTENSITY = 16
TRAINING_IMAGES = 1200


class DigitsClassifier:
    """Names the digit in an image, with the probability of each of the ten.

    Usage:
        DigitsClassifier("1").predict([[0, 0, 5, ...]])   # [{"digit": 3, "probabilities": [...]}]

    Version "1" is a logistic regression and "2" a forest of extremely randomised trees, so that their answers differ.
    Both are trained once in a process, on the first 1,200 of scikit-learn's 1,797 images, in well under a second.
    The same image has the same answer in every process: seeds are fixed and images are judged one at a time.
    """

    def __init__(self, version: str) -> None:
        if version not in VERSIONS:
            raise ValueError(f"model version {version!r} is unknown; there are {', '.join(VERSIONS)}")
        self.version = version
        self._model = _trained(version)

    def predict(self, images: Sequence[Sequence[float]], decimals: int = 6) -> list[dict[str, Any]]:
        """Return one prediction for each image of 64 intensities (0 to 16), probabilities rounded to `decimals`."""
        return [self._predict_one(image, decimals) for image in images]

    def _predict_one(self, image: Sequence[float], decimals: int) -> dict[str, Any]:
        probabilities = self._model.predict_proba(_scaled([image]))[0]
        return {
            "digit": int(np.argmax(probabilities)),
            "probabilities": [round(float(probability), decimals) for probability in probabilities],
        }


def unseen_images() -> tuple[list[list[int]], list[int]]:
    """Return the images that were not trained on, as whole intensities, and the digits that they show."""
    images, digits = load_digits(return_X_y=True)
    return images[TRAINING_IMAGES:].astype(int).tolist(), digits[TRAINING_IMAGES:].tolist()


@lru_cache
def _trained(version: str) -> Any:
    images, digits = load_digits(return_X_y=True)
    if version == "1":
        model: Any = LogisticRegression(max_iter=1000)
    else:
        model = ExtraTreesClassifier(n_estimators=50, min_samples_leaf=3, random_state=0)
    return model.fit(_scaled(images[:TRAINING_IMAGES]), digits[:TRAINING_IMAGES])


def _scaled(images: Any) -> Any:
    return np.asarray(images, dtype=float) / MAX_INTENSITY
