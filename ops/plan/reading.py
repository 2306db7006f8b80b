"""Reads a log of requests: JSON lines or Parquet, with digests or with bodies; or what Kong's log plugins wrote.

    traces = read_traces(Path("requests.jsonl.gz"), rules={"digits": CacheRules(exclude_fields=("request_id",))})

Requests with digests stay in DuckDB and NumPy. Bodies are canonicalised by the Lua that is deployed, each different
text once. Times without a zone are UTC. Requests out of order are sorted by time, equal times stay as in the log.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Mapping
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from ops.plan.bodies import CHUNK_BODIES, Bodies, Chunk, read_all
from ops.plan.cache_rules import CacheRules
from ops.plan.log_table import LogTable, Progress
from ops.plan.model_keys import BODY, BYPASS, DIGEST, LINE, ModelKeys
from ops.plan.numbering import number
from ops.plan.trace import Trace
from ops.plan.traces import ModelLog, Traces

_KIND = f"""CASE WHEN verdict IS NOT NULL THEN {BYPASS} WHEN body IS NOT NULL THEN {BODY}
  WHEN question IS NULL THEN {LINE} ELSE {DIGEST} END::UTINYINT"""


def read_traces(
    path: Path,
    *,
    rules: Mapping[str, CacheRules] | None = None,
    progress: Progress = lambda step, done: None,
) -> Traces:
    """Every model's requests. `rules`: model -> what decides the key of a body; a model without has the defaults.

    `progress` is told the step ("reading", "bodies", "numbering") and how much of it is done, 0 to 1.
    Raises LogError, with the line or row, for a log that cannot be read as a whole.
    """
    with LogTable.load(path, progress) as table:
        log = _Log(table)
        keys = log.keys(rules or {}, progress)
        return Traces(log.models(keys, progress), table.lines(), table.skipped())


class _Log:
    """The columns of a whole log, by model and within each by time."""

    def __init__(self, table: LogTable) -> None:
        self._table = table
        self._names, models = table.names("model")
        self._models = models
        times = table.column("time")
        self._order = _order(models, times, len(self._names))
        self._times = self._sorted(times)
        ends = np.cumsum(np.bincount(models, minlength=len(self._names)))
        self._slices = {
            name: slice(int(end - size), int(end))
            for name, end, size in zip(self._names, ends, np.diff(ends, prepend=0), strict=True)
        }

    def keys(self, rules: Mapping[str, CacheRules], progress: Progress) -> dict[str, ModelKeys]:
        kinds = self._sorted(self._table.column(_KIND))
        high, low = map(self._sorted, self._table.halves("question"))
        rows = np.arange(len(kinds)) if self._order is None else self._order
        keys = {name: ModelKeys(kinds[at], high[at], low[at], rows[at]) for name, at in self._slices.items()}
        del high, low
        if np.any(kinds >= BODY):
            self._take_bodies(keys, rules, progress)
        return keys

    def _take_bodies(self, keys: dict[str, ModelKeys], rules: Mapping[str, CacheRules], progress: Progress) -> None:
        texts = np.sort(np.concatenate([of_model.rows_of(BODY) for of_model in keys.values()]))
        lines = np.sort(np.concatenate([of_model.rows_of(LINE) for of_model in keys.values()]))
        total, done = len(texts) + len(lines), 0

        def told(more: int) -> None:
            nonlocal done
            done += more
            progress("bodies", done / total)

        pieces = read_all(self._chunks(texts, lines, rules), told)
        callers = self._sorted(number(*self._table.halves("md5_number(caller)")))
        for name in list(pieces):
            bodies = Bodies.of(pieces.pop(name))
            keys[name].take_bodies(bodies, callers[self._slices[name]], _never_left_out(rules.get(name)))

    def _chunks(
        self, texts: NDArray[np.int64], lines: NDArray[np.int64], rules: Mapping[str, CacheRules]
    ) -> Iterator[Chunk]:
        sources = []
        if len(texts):
            sources.append((False, self._table.bodies(texts, CHUNK_BODIES)))
        if len(lines):
            sources.append((True, self._table.lines_of(lines, CHUNK_BODIES)))
        for in_lines, source in sources:
            for rows, found in source:
                models = self._models[rows]
                for code in np.unique(models):
                    name = self._names[code]
                    mine = np.flatnonzero(models == code)
                    bodies = found if len(mine) == len(found) else [found[place] for place in mine]
                    yield Chunk(name, rules.get(name) or CacheRules(), rows[mine], bodies, in_lines)

    def models(self, keys: dict[str, ModelKeys], progress: Progress) -> tuple[ModelLog, ...]:
        durations, sizes = (self._sorted(self._table.column(name)) for name in ("duration", "size"))
        verdicts, verdict = self._table.names("verdict")
        verdict = self._sorted(verdict)
        high, low = map(self._sorted, self._table.halves("answer"))
        known = self._sorted(self._table.column("answer IS NOT NULL"))
        callers = self._table.callers()
        logs = []
        for done, (name, at) in enumerate(self._slices.items()):
            progress("numbering", done / len(self._slices))
            answers = np.full(at.stop - at.start, -1, np.int64)
            answers[known[at]] = number(high[at][known[at]], low[at][known[at]])
            mine = keys[name]
            bypasses = Counter(mine.bypasses)
            for code, times in enumerate(np.bincount(verdict[at] + 1, minlength=len(verdicts) + 1)[1:]):
                bypasses[verdicts[code].removeprefix("bypass:")] += int(times)
            trace = Trace(name, self._times[at], mine.keys(), durations[at], sizes[at], answers, mine.alternatives)
            common = {reason: times for reason, times in bypasses.most_common() if times}
            logs.append(ModelLog(trace, common, callers[name], mine.has_bodies, mine.fields))
        progress("numbering", 1.0)
        return tuple(logs)

    def _sorted(self, column: NDArray) -> NDArray:
        return column if self._order is None else column[self._order]


def _order(models: NDArray[np.int32], times: NDArray[np.int64], count: int) -> NDArray[np.int64] | None:
    """What sorts the log by model, time and place; None where it is sorted."""
    order = None
    if np.any(times[1:] < times[:-1]):
        order = np.argsort(times, kind="stable")
    if count > 1:
        small = models.astype(np.uint16) if count <= 65_536 else models  # NumPy sorts those in linear time
        by_model = np.argsort(small if order is None else small[order], kind="stable")
        order = by_model if order is None else order[by_model]
    return order


def _never_left_out(rules: CacheRules | None) -> frozenset[str]:
    """They decide whether an answer may be kept at all; settings refuse them as excludeFields."""
    return frozenset({"stream", "temperature"} if rules and rules.profile == "llm" else {"stream"})
