"""What is read from Kong's text, summed and subtracted."""

from __future__ import annotations

import pytest

from ops.status.reading import Reading
from tests.ops.status.metrics_texts import NODE_A, NODE_B, QUIET

REQUESTS = "kong_inference_edge_requests_total"


def counted(hits: int, misses: int, level: int = 1) -> Reading:
    text = f'kong_inference_edge_cache_off{{model="digits",cause="wrong"}} {level}\n'
    for outcome, count in (("hit", hits), ("miss", misses)):
        text += f'{REQUESTS}{{model="digits",version="1",outcome="{outcome}",detail=""}} {count}\n'
    return Reading.parse(text)


def test_series_are_summed_by_their_labels() -> None:
    reading = Reading.parse(NODE_A)
    assert reading.total(REQUESTS, model="digits") == 1007
    assert reading.total(REQUESTS, model="nobody") == 0
    assert reading.by("detail", REQUESTS, model="digits", outcome="bypass") == {"authorization": 60, "cookie": 20}


def test_the_most_frequent_comes_first() -> None:
    both = Reading.sum_of([Reading.parse(NODE_A), Reading.parse(NODE_B)])
    bypasses = both.by("detail", REQUESTS, model="digits", outcome="bypass")
    assert list(bypasses.items()) == [("cookie", 70), ("authorization", 60), ("mismatch", 30)]


def test_buckets_of_nodes_are_summed_although_each_leaves_out_others() -> None:
    both = Reading.sum_of([Reading.parse(NODE_A), Reading.parse(NODE_B)])
    hits = both.histogram("kong_inference_edge_request_ms", model="digits", outcome="hit")
    assert dict(zip(hits.bounds, hits.counts, strict=True)) == {
        **dict.fromkeys(hits.bounds, 1000.0),
        1.0: 780,
        2.0: 790,
        5.0: 900,
    }


def test_a_reading_is_split_by_a_label() -> None:
    parts = Reading.parse(NODE_A).split("model")
    assert {model: part.total(REQUESTS) for model, part in parts.items()} == {"digits": 1007, "letters": 30}


def test_what_is_no_number_counts_nothing() -> None:
    assert Reading.parse(NODE_B).total("kong_inference_edge_request_ms_sum", model="digits", outcome="miss") == 0


def test_labels_are_as_kong_was_given_them() -> None:
    text = f'{REQUESTS}{{model="a\\"b\\\\c{{}},=\u2028[red]",version="1",outcome="hit",detail=""}} 3\n'
    assert Reading.parse(text).by("model", REQUESTS) == {'a"b\\c{},=\u2028[red]': 3}


def test_text_that_is_none_is_refused() -> None:
    with pytest.raises(ValueError, match="could not convert"):
        Reading.parse(f'{REQUESTS}{{model="digits}} 3\n')


def test_other_metrics_are_not_even_looked_at() -> None:
    assert Reading.parse('kong_broken{a="} 1\nnginx_x{{{ 2\n').samples == {}


def test_a_difference_counts_what_came_meanwhile() -> None:
    between = counted(15, 3).since(counted(10, 3))
    assert between.by("outcome", REQUESTS) == {"hit": 5}
    assert between.total("kong_inference_edge_cache_off") == 1


def test_a_series_that_is_new_counts_from_0() -> None:
    assert counted(15, 3).since(Reading.parse(QUIET)).by("outcome", REQUESTS) == {"hit": 15, "miss": 3}


def test_the_sizes_of_dictionaries_are_not_subtracted() -> None:
    reading = Reading.parse(NODE_A)
    sizes = reading.since(reading).total("kong_memory_lua_shared_dict_total_bytes", shared_dict="prediction_cache")
    assert sizes == 134_217_728


def test_after_a_restart_all_that_is_counted_is_new_also_where_it_is_more() -> None:
    before, after = counted(10, 3), counted(15, 2)
    assert after.was_reset_since(before)
    assert after.since(before).by("outcome", REQUESTS) == {"hit": 15, "miss": 2}


def test_a_series_that_is_gone_tells_of_a_restart() -> None:
    assert Reading.parse(QUIET).was_reset_since(counted(0, 1))


def test_a_gauge_that_falls_tells_of_none() -> None:
    assert not counted(10, 3, level=0).was_reset_since(counted(10, 3, level=1))
