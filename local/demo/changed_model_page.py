"""The part of the demo's page about a model that is changed behind the cache's back."""

from __future__ import annotations

from collections.abc import Mapping
from html import escape
from typing import Any

from local.demo.charts import share_bar

_SQUARE = '<svg class="{}" viewBox="0 0 1 1" aria-hidden="true"><rect width="1" height="1"/></svg>'


def changed_model_section(report: Mapping[str, Any]) -> str:
    """Return the section; "" for a stack without this part."""
    changed = report["changed_model"]
    if not changed:
        return ""
    return (
        "<section aria-labelledby='changed'><h2 id='changed'>The model changed behind the cache’s back</h2>"
        f"<p>{_found(changed)}</p>{_bar(changed)}{_legend()}"
        "<p class='after'>What the operator is told, by Kong’s metrics and in its log:</p>"
        f"<pre>{_told(changed)}</pre><p>{_purged(changed)}</p><p class='soft'>{_conditions(report)}</p></section>"
    )


def _found(changed: Mapping[str, Any]) -> str:
    until, off = changed["until_off"], changed["off"]
    start = (
        "Another classifier took over at the model’s address and gave itself out as the old version. Nothing was "
        "deployed, so the key stayed the same: every hit would have been wrong until its answer had expired. But the "
        f"stack file has {changed['share'] * 100:g} % of the hits verified: once the caller has its answer, the model "
        "is asked again. As soon as one answer differs, every hit is verified until that is settled. "
        f"<strong class='bad'>{until['wrong']} hits were wrong</strong>"
    )
    if changed["seconds_until_off"] is None:
        return f"{start}, and the cache never went off."
    return (
        f"{start} in the {changed['seconds_until_off']:g} s until {differing(changed)}. Then the cache went off: "
        f"of {off['requests']} answers until the purge <strong class='{_tone(off['wrong'])}'>{off['wrong']}</strong> "
        "were wrong."
    )


def changed_model_words(report: Mapping[str, Any]) -> str:
    """Return a sentence for the start of the page; "" for a stack without this part."""
    changed = report["changed_model"]
    if not changed or changed["seconds_until_off"] is None:
        return ""
    return (
        f" When the model was changed behind its back, {changed['until_off']['wrong']} hits were wrong: after "
        f"{changed['seconds_until_off']:g} s verification switched the cache off."
    )


def differing(changed: Mapping[str, Any]) -> str:
    """Say by how many comparisons the change was found out."""
    compared = changed["compared"]
    different = compared.get("wrong", 0) + compared.get("nondeterministic", 0)
    return f"{different} of {sum(compared.values())} comparisons had found another answer"


def _bar(changed: Mapping[str, Any]) -> str:
    before, until, off, purged = (changed[name] for name in ("before", "until_off", "off", "purged"))
    hits = off["hits"] + purged["hits"]  # of the new generation, which is there a little before its deployment ends
    of_model = until["requests"] - until["wrong"] + off["requests"] + purged["requests"] - hits
    shares = [("hit", before["requests"]), ("wrong", until["wrong"]), ("miss", of_model), ("hit", hits)]
    words = f"{before['requests']} right, {until['wrong']} wrong, {of_model} of the model, {hits} hits"
    return share_bar(shares, f"answers in order of time: {words}")


def _legend() -> str:
    words = {"hit": "right, from the cache", "wrong": "wrong, from the cache", "miss": "right, from the model"}
    items = "".join(f"<li>{_SQUARE.format(name)}{text}</li>" for name, text in words.items())
    return f'<ul class="legend">{items}</ul>'


def _told(changed: Mapping[str, Any]) -> str:
    return escape("\n".join([*changed["told"]["metrics"], *changed["told"]["log"]]) or "nothing")


def _purged(changed: Mapping[str, Any]) -> str:
    purged = changed["purged"]
    return (
        f"An operator who wants this model purges, which deploys generation {changed['generation']} of the key: of "
        f"{purged['requests']} answers after it {purged['hits']} came from the cache, "
        f"<strong class='{_tone(purged['wrong'])}'>{purged['wrong']}</strong> were wrong."
    )


def _conditions(report: Mapping[str, Any]) -> str:
    changed = report["changed_model"]
    return (
        "The gateway verifies one hit at a time, and asks twice more where the answer differs: how many hits are wrong "
        "depends on how fast the model is, and on how much is asked. Here the new model answered after "
        f"{changed['latency_seconds']:g} s, and {report['clients']} callers paused for "
        f"{changed['pause_seconds'] * 1000:g} ms after each answer. In all other parts of this page verification is "
        "off, so that every call of the model is a caller’s."
    )


def _tone(wrong: int) -> str:
    return "bad" if wrong else "good"
