from __future__ import annotations

import io
import re
from html.parser import HTMLParser

import pytest
from rich.console import Console

from local.demo.charts import digit_image, height, latency_strip
from local.demo.page import render
from local.demo.row import time_text
from local.demo.table import show, show_comparison
from local.demo.verdict import verdict
from tests.demo.support import DESIGNS, changed_model_report, edge_report, report, shared_report

VOID = {"meta", "link", "br", "img", "input", "hr"}


class Outline(HTMLParser):
    """Fails on tags that do not nest; collects tags, attributes and text."""

    def __init__(self, page: str) -> None:
        super().__init__()
        self.open: list[str] = []
        self.attributes: list[tuple[str, str, str | None]] = []
        self.tags: list[str] = []
        self.feed(page)
        self.close()

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags.append(tag)
        self.attributes += [(tag, name, value) for name, value in attrs]
        if tag not in VOID:
            self.open.append(tag)

    def handle_startendtag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags.append(tag)
        self.attributes += [(tag, name, value) for name, value in attrs]

    def handle_endtag(self, tag: str) -> None:
        assert self.open.pop() == tag


@pytest.fixture
def page() -> str:
    return render(report(), verdict(report()))


def test_the_page_is_well_formed(page: str) -> None:
    assert Outline(page).open == []


def test_the_page_refers_to_nothing_outside_itself(page: str) -> None:
    outline = Outline(page)
    assert not {"script", "link", "img", "iframe", "object"} & set(outline.tags)
    assert not [name for _, name, _ in outline.attributes if name in ("src", "href", "srcset", "data")]
    assert not re.search(r"https?:|url\(|@import", page)


def test_the_page_shows_the_numbers_of_every_row(page: str) -> None:
    for row in report()["rows"]:
        assert row["name"] in page
        assert f"<td>{time_text(row['p95_ms'])}</td>" in page
    assert "400×" in page


def test_the_page_of_an_edge_tells_what_reached_the_gateway() -> None:
    page = render(edge_report(), verdict(edge_report()))
    assert Outline(page).open == []
    assert "2 of 3 answers came from the edge itself: Kong had 1 requests with GET, and 2 with POST" in page
    assert "Four ways" in page
    assert "edge resources" in page
    assert "the edge is a stand-in for CloudFront. It is" in page
    assert "the edge itself" not in render(report(), verdict(report()))


def test_the_page_of_a_shared_cache_shows_the_outage_and_the_comparison() -> None:
    page = render(shared_report(), verdict(shared_report()))
    assert Outline(page).open == []
    assert "Four ways" in page
    assert "The first hit came 5.1 s after its restart." in page
    assert "asked the model 1 times instead of 4" in page
    for design in DESIGNS:
        assert page.count(f"<th scope='row'>{design}</th>") == 2
        assert page.count(f"<td>{design}</td>") == 1
    assert "the outage" not in render(report(), verdict(report()))


def test_the_page_says_when_no_hit_came_after_the_outage() -> None:
    document = shared_report()
    document["outage"].update(hits_again=False, seconds_to_first_hit=None)
    page = render(document, verdict(document))
    assert "No hit came after its restart." in page
    assert page.count("class=failed") == 1


def test_the_page_of_a_changed_model_tells_what_was_wrong_and_what_the_operator_is_told() -> None:
    page = render(changed_model_report(), verdict(changed_model_report()))
    assert Outline(page).open == []
    assert "300 hits were wrong: after 2.5 s verification switched the cache off." in page
    assert "300 hits were wrong</strong> in the 2.5 s until 4 of 5 comparisons had found another answer." in page
    assert "cache_off{model=&quot;digits&quot;,cause=&quot;wrong&quot;} 1\nthe cache of digits is off" in page
    assert "deploys generation 2 of the key: of 47 answers after it 41 came from the cache" in page
    assert "40 right, 300 wrong, 55 of the model, 43 hits" in page
    assert "<th scope='row'>purge</th>" in page
    assert "behind the cache’s back" not in render(report(), verdict(report()))


def test_a_changed_model_that_nobody_found_is_told_so() -> None:
    document = changed_model_report()
    document["changed_model"].update(seconds_until_off=None, off={"requests": 0, "hits": 0, "wrong": 0})
    page = render(document, verdict(document))
    assert "300 hits were wrong</strong>, and the cache never went off." in page
    assert "switched the cache off" not in page
    assert page.count("class=failed") == 1


def test_a_terminal_shows_what_became_of_a_changed_model() -> None:
    console = Console(width=80, record=True, file=io.StringIO())
    show(changed_model_report(), verdict(changed_model_report()), console)
    text = console.export_text()
    assert "the model changed behind the cache's back, 1 % of the hits verified:\n" in text
    assert "    300 hits wrong in 2.5 s, until 4 of 5 comparisons had found another answer" in text
    assert "    then the cache was off: 50 answers, 0 wrong" in text
    assert "    verification was off before this part; the changed model answers 0.1 s late" in text
    assert "    after a purge: 47 answers, 41 of them hits, 0 wrong" in text
    assert '    kong_inference_edge_cache_off{model="digits",cause="wrong"} 1' in text


def test_the_tables_of_the_comparison_fit_into_a_terminal() -> None:
    console = Console(width=80, record=True, file=io.StringIO())
    show_comparison(shared_report()["comparison"], console)
    assert "…" not in console.export_text()


def test_the_page_says_what_a_stand_in_does_not_show() -> None:
    document = edge_report("cloud-cdn")
    assert "Cloud CDN itself keeps an answer from the third request" in render(document, verdict(document))


def test_every_picture_has_words_or_is_hidden_from_readers(page: str) -> None:
    outline = Outline(page)
    pictures = outline.tags.count("svg")
    told = [value for tag, name, value in outline.attributes if tag == "svg" and name in ("aria-label", "aria-hidden")]
    assert pictures > 5
    assert len(told) == pictures
    assert all(told)


def test_ids_are_unique_and_headings_are_named(page: str) -> None:
    attributes = Outline(page).attributes
    ids = [value for _, name, value in attributes if name == "id"]
    assert len(set(ids)) == len(ids)
    assert {value for _, name, value in attributes if name == "aria-labelledby"} <= set(ids)


def test_text_of_the_report_is_escaped() -> None:
    document = report()
    document["versions"] = {"engine": "<script>alert(1)</script>"}
    document["left_over"] = {"routes<b>": 1}
    page = render(document, verdict(document))
    assert "<script>" not in page
    assert "<b>" not in page
    Outline(page)


def test_a_failed_claim_is_marked() -> None:
    document = report()
    document["rollout"]["stale"] = 3
    assert render(document, verdict(document)).count("class=failed") == 1


def test_a_report_without_hits_and_without_examples_has_a_page() -> None:
    document = report()
    document.update(speedup_p50=None, examples=[])
    document["rows"][2]["hit"] = {**dict.fromkeys(document["rows"][2]["hit"]), "requests": 0}
    Outline(render(document, verdict(document)))


def test_the_strip_has_a_mark_for_each_answer_and_a_tick_for_each_wrong_one() -> None:
    answers = [{"ms": 5.0, "part": "hit", "wrong": False}, {"ms": 5.0, "part": "waited", "wrong": True}]
    strip = latency_strip(answers, "two answers")
    assert strip.count("<g class=") == 2
    assert strip.count("<rect") == 2 * 2 + 1
    assert 'class="wrong"' in strip


def test_slower_stands_higher() -> None:
    heights = [height(milliseconds) for milliseconds in (0.1, 0.6, 10, 100, 1000, 2000, 5000)]
    assert heights == sorted(heights)
    assert (heights[0], heights[-1]) == (0, 1)


def test_a_digit_has_a_square_for_each_pixel_with_ink() -> None:
    assert digit_image([0] * 60 + [1, 2, 3, 16], "a corner").count("<rect") == 4
