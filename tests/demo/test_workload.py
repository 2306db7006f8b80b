from __future__ import annotations

import json
import random

import pytest
from hypothesis import given
from hypothesis import strategies as st

from local.demo.workload import Workload, rendered
from local.model.request import PredictionRequest

DOCUMENTS = st.recursive(
    st.none() | st.booleans() | st.integers() | st.text(),
    lambda inner: st.lists(inner) | st.dictionaries(st.text(), inner),
    max_leaves=20,
)


@given(DOCUMENTS, st.integers())
def test_a_rendering_is_the_same_document(document: object, seed: int) -> None:
    assert json.loads(rendered(document, random.Random(seed))) == document


def test_the_same_input_is_asked_in_many_renderings() -> None:
    workload = Workload(requests=100)
    bodies = {prediction.body for prediction in workload.predictions}
    assert len(bodies) == 100
    for prediction in workload.predictions:
        assert json.loads(prediction.body) == workload.inputs[prediction.index]


def test_inputs_repeat_and_popular_ones_repeat_more() -> None:
    workload = Workload(requests=1000, distinct=20)
    asked = [prediction.index for prediction in workload.predictions]
    assert sorted(workload.asked) == list(range(20))
    assert asked.count(0) > 5 * asked.count(19)


def test_further_inputs_do_not_occur_among_the_predictions() -> None:
    workload = Workload(requests=500, distinct=20, further=5)
    assert [prediction.index for prediction in workload.further] == [20, 21, 22, 23, 24]
    assert not {prediction.body for prediction in workload.further} & {each.body for each in workload.predictions}


def test_the_same_seed_gives_the_same_requests_and_another_seed_others() -> None:
    assert Workload(30, seed=1).predictions == Workload(30, seed=1).predictions
    assert Workload(30, seed=1).predictions != Workload(30, seed=2).predictions


@pytest.mark.parametrize("version", ["1", "2"])
def test_the_model_accepts_every_request_and_answers_each_input_differently(version: str) -> None:
    workload = Workload(requests=50)
    for prediction in workload.predictions:
        PredictionRequest.parse(prediction.body)
    answers = [json.dumps(answer) for answer in workload.answers(version)]
    assert len(set(answers)) == len(answers), "or a wrong hit could look right"


def test_the_versions_differ_in_every_prediction_even_rounded() -> None:
    workload = Workload(requests=50)
    for one, other in zip(workload.answers("1"), workload.answers("2"), strict=True):
        assert one["predictions"] != other["predictions"]
