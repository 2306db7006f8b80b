from __future__ import annotations

import json
import time

import pytest

from local.model.classifier import VERSIONS, DigitsClassifier, unseen_images


@pytest.mark.parametrize("version", VERSIONS)
def test_names_more_than_nine_in_ten_unseen_digits_rightly(version: str) -> None:
    images, digits = unseen_images()
    predictions = DigitsClassifier(version).predict(images)
    right = sum(prediction["digit"] == digit for prediction, digit in zip(predictions, digits, strict=True))
    assert right / len(digits) > 0.9


@pytest.mark.parametrize("version", VERSIONS)
def test_gives_ten_probabilities_that_belong_to_the_digit(version: str) -> None:
    for prediction in DigitsClassifier(version).predict(unseen_images()[0][:50]):
        assert len(prediction["probabilities"]) == 10
        assert sum(prediction["probabilities"]) == pytest.approx(1, abs=1e-4)
        assert max(prediction["probabilities"]) == prediction["probabilities"][prediction["digit"]]


def test_the_two_versions_differ_in_every_answer_and_in_some_digits() -> None:
    images, _ = unseen_images()
    old, new = (DigitsClassifier(version).predict(images) for version in VERSIONS)
    assert all(one != other for one, other in zip(old, new, strict=True))
    assert any(one["digit"] != other["digit"] for one, other in zip(old, new, strict=True))


@pytest.mark.parametrize("version", VERSIONS)
def test_an_image_has_the_same_answer_alone_and_among_others(version: str) -> None:
    images, _ = unseen_images()
    model = DigitsClassifier(version)
    together = model.predict(images[:30])
    alone = [model.predict([image])[0] for image in images[:30]]
    assert json.dumps(together) == json.dumps(alone)


def test_rounds_probabilities_to_the_decimals_asked_for() -> None:
    image = unseen_images()[0][0]
    (prediction,) = DigitsClassifier("1").predict([image], decimals=2)
    assert all(round(probability, 2) == probability for probability in prediction["probabilities"])
    assert prediction != DigitsClassifier("1").predict([image])[0]


def test_refuses_an_unknown_version() -> None:
    with pytest.raises(ValueError, match="'3' is unknown; there are 1, 2"):
        DigitsClassifier("3")


def test_a_second_classifier_of_a_version_is_not_trained_again() -> None:
    DigitsClassifier("2")
    started = time.process_time()
    for _ in range(20):
        DigitsClassifier("2")
    assert time.process_time() - started < 1, "training 20 times takes longer"
