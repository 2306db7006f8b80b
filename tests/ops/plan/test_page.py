"""The page of curves: whole in itself, with nothing of the log that could run."""

from __future__ import annotations

import re
from html.parser import HTMLParser

import pytest

from ops.plan.advice import Terms, plan_model
from ops.plan.page import page
from ops.plan.stack_block import stack_block
from ops.plan.traces import ModelLog, Traces
from tests.ops.plan.test_advice import Ask, every, log_of

VOID = {"meta", "rect", "path"}


class Reader(HTMLParser):
    """Every tag with its attributes; fails where tags do not match."""

    def __init__(self, text: str) -> None:
        super().__init__()
        self.tags: list[tuple[str, dict[str, str | None]]] = []
        self._open: list[str] = []
        self.feed(text)
        self.close()
        assert not self._open

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags.append((tag, dict(attrs)))
        if tag != "meta":
            self._open.append(tag)

    def handle_startendtag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags.append((tag, dict(attrs)))

    def handle_endtag(self, tag: str) -> None:
        assert self._open.pop() == tag


def page_of(*logs: ModelLog, name: str = "requests.jsonl", skipped: int = 0) -> str:
    plans = [plan_model(log, Terms(store="memory")) for log in logs]
    traces = Traces(logs, 10_000, {"no prediction_cache": skipped} if skipped else {})
    return page(name, plans, traces, stack_block(plans, {}, {}))


def with_an_id() -> ModelLog:
    return log_of(every(1, times=2_000, question=lambda i: str(i % 50), user=str, answer=lambda i: i % 50))


def changing() -> ModelLog:
    bursts = [Ask(7_200.0 * burst + i, "q", "x", burst, 0.05) for burst in range(20) for i in range(100)]
    return log_of(bursts, fields=())


def test_it_needs_nothing_from_elsewhere() -> None:
    text = page_of(with_an_id(), changing())
    tags = Reader(text).tags
    assert not {"script", "link", "img", "iframe", "object"} & {tag for tag, _ in tags}
    assert not any(name in ("src", "href", "srcset") or name.startswith("on") for _, found in tags for name in found)
    assert "url(" not in text and "@import" not in text


def test_it_is_for_light_and_dark_and_for_phones() -> None:
    text = page_of(with_an_id())
    assert 'name="viewport"' in text and "prefers-color-scheme: dark" in text and "max-width: 40rem" in text


def test_what_comes_from_the_log_cannot_run() -> None:
    evil = '<script>alert("1")</script>'
    log = with_an_id()
    trace = log.trace
    renamed = type(trace)(
        evil, trace.times, trace.keys, trace.durations, trace.sizes, trace.answers, {evil: trace.alternatives["user"]}
    )
    made = ModelLog(renamed, {evil: 1}, 1, True, {evil: 10})
    text = page_of(made, name=f"{evil}.jsonl")
    assert "script" not in {tag for tag, _ in Reader(text).tags}
    assert text.count("&lt;script&gt;") >= 5


def test_each_ttl_is_a_point_of_each_curve() -> None:
    log = with_an_id()
    plan = plan_model(log, Terms(store="memory"))
    titles = re.findall(r"<title>([^<]*)</title>", page_of(log))
    for point in plan.advised_ttl_curve:
        assert sum(f"without user, {point.ttl_seconds} s: " in title for title in titles) == (point.ttl_seconds < 60)
    assert len(titles) == 1 + 2 * len(plan.ttl_curve) + (len(plan.memory_curve) if len(plan.memory_curve) > 1 else 0)


def test_points_stand_where_their_values_are() -> None:
    text = page_of(changing())
    svg = text.split("<svg")[1].split("</svg>")[0]
    dots = [tuple(map(float, dot)) for dot in re.findall(r'class="dot" d="M(\S+) (\S+)h0"', svg)]
    assert [x for x, _ in dots] == sorted({x for x, _ in dots})
    assert (dots[0][0], dots[-1][0]) == (0, 1_000)
    plan = plan_model(changing(), Terms())
    assert [y for _, y in dots] == pytest.approx([400 * (1 - point.hit_ratio) for point in plan.ttl_curve], abs=0.06)


def test_where_answers_had_changed_the_curve_is_shaded() -> None:
    assert '<rect class="shade"' in page_of(changing())
    assert '<rect class="shade"' not in page_of(with_an_id())


def test_a_model_without_advice_has_a_page_too() -> None:
    text = page_of(log_of(every(1, times=30, question=str), fields=()), log_of([Ask(5.0, "a")]), skipped=7)
    Reader(text)
    assert text.count("Do not cache this model yet.") == 2
    assert "7 lines were skipped (no prediction_cache)" in text


def test_options_in_sentences_are_code_and_the_config_can_be_scrolled_by_keys() -> None:
    asked = every(1, times=2_000, question=lambda i: str(i % 50), user=str, answer=lambda i: i % 50)
    text = page_of(log_of(asked, fields=("user", "other")))
    assert "plan with <code>--stack</code>." in text
    assert ("tabindex", "0") in next(attrs for tag, attrs in Reader(text).tags if tag == "pre").items()
