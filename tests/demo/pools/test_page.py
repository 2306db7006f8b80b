from __future__ import annotations

import io
import re
from html.parser import HTMLParser

from rich.console import Console

from local.demo.pools.charts import BINS, bin_of, first_byte_bins
from local.demo.pools.page import render
from local.demo.pools.table import show
from local.demo.pools.verdict import verdict
from tests.demo.pools.support import report


class _Tags(HTMLParser):
    """Finds tags that are not closed, and what refers to other documents."""

    def __init__(self) -> None:
        super().__init__()
        self.open: list[str] = []
        self.references: list[str] = []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.references += [value or "" for name, value in attrs if name in ("src", "href")]
        if tag != "meta":
            self.open.append(tag)

    def handle_endtag(self, tag: str) -> None:
        assert self.open.pop() == tag


def test_the_page_is_whole_and_refers_to_nothing() -> None:
    tags = _Tags()
    tags.feed(render(report(), verdict(report())))
    assert (tags.open, tags.references) == ([], [])


def test_the_page_says_what_was_found() -> None:
    page = re.sub(r"\s+", " ", render(report(), verdict(report())))
    assert "3.0 times as many warm prompts. No lost request" in page
    for words in ("after 60.0 ms instead of 140 (p50)", "killed with 5 requests in hand", "272 have chat-1, 28 have"):
        assert words in page
    assert page.count("class=failed") == 0
    assert page.count("class='plot'") == 2 + 5


def test_the_page_names_what_did_not_hold() -> None:
    document = report()
    document["load"]["failed"] = 2
    page = render(document, verdict(document))
    assert "2 lost requests" in page
    assert "<li class=failed>a replica was killed with requests in hand" in page


def test_an_empty_report_of_replicas_can_be_drawn() -> None:
    document = report()
    for row in document["rows"]:
        row["answers"] = []
    document["load"]["timeline"]["answers"] = dict.fromkeys(document["load"]["timeline"]["answers"], [0, 0])
    assert "<svg" in render(document, verdict(document))


def test_the_terminal_shows_rows_and_claims_on_80_columns() -> None:
    console = Console(file=io.StringIO(), width=80)
    checks = verdict(report())
    show(report(), checks, console)
    assert isinstance(console.file, io.StringIO)
    shown = console.file.getvalue()
    assert "…" not in shown
    assert re.search(r"affinity +75% +75% +60\.0/120 +110/170 +1\.20 +0", shown)
    assert re.search(r"large-2 drained +20 +· +20 +20 +· +110 +500 +0", shown)
    assert shown.count("✓") == len(checks)


def test_times_fall_into_bins_from_fast_to_slow() -> None:
    places = [bin_of(milliseconds) for milliseconds in (0, 5, 10, 100, 1000, 2000, 9000)]
    assert places == sorted(places)
    assert (places[0], places[-1]) == (0, BINS - 1)
    warm, cold = first_byte_bins(report()["rows"][0]["answers"])
    assert (sum(warm), sum(cold), warm[bin_of(140)], cold[bin_of(420)]) == (1, 1, 1, 1)
