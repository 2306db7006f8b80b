from __future__ import annotations

from local.demo.client import Answer
from local.demo.examples import examples
from local.demo.row import Row
from local.demo.workload import Workload


def test_shows_inputs_that_the_stock_cache_got_wrong_once_each() -> None:
    workload = Workload(requests=60)
    expected = workload.answers("1")
    first = expected[workload.predictions[0].index]
    right = [Answer(each.index, 1, 200, expected[each.index], True) for each in workload.predictions]
    stock = Row("stock", [Answer(each.index, 1, 200, first, True) for each in right], expected, 1)
    found = examples(workload, stock, Row("ours", right, expected, 1), count=4)
    assert len(found) == 4
    assert len({tuple(example["image"]) for example in found}) == 4
    for example in found:
        assert example["stock"] == first["predictions"][0]["digit"]
        assert example["ours"] == example["model"] != example["stock"]


def test_an_answer_without_a_digit_is_shown_as_a_dash() -> None:
    workload = Workload(requests=1)
    expected = workload.answers("1")
    broken = Row("stock", [Answer(workload.predictions[0].index, 1, 502, "oops", False)], expected, 0)
    (example,) = examples(workload, broken, broken)
    assert example["stock"] == "–"
