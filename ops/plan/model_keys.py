"""The keys of one model's requests, from digests or from bodies.

    keys = ModelKeys(kinds, high, low, rows)
    wanted = keys.rows_of(BODY)                     # to be read: table.bodies(wanted, ...)
    keys.numbered(bodies, callers)

All arrays have one entry a request, in order of time.
"""

from __future__ import annotations

from collections import Counter

import numpy as np
from numpy.typing import NDArray

from ops.plan.bodies import Bodies
from ops.plan.numbering import count, first_of_each, number, pair

BYPASS, DIGEST, BODY, LINE = range(4)
"""What tells a request's question: nothing, a digest, the text of its body, the line that its body stands in."""

MOST_FIELDS = 32


class ModelKeys:
    """`high`, `low`: halves of the digest of caller and question, or of the body's text; `rows`: where in the log."""

    def __init__(
        self,
        kinds: NDArray[np.uint8],
        high: NDArray[np.uint64],
        low: NDArray[np.uint64],
        rows: NDArray[np.int64],
    ) -> None:
        self._kinds = kinds
        self._body_rows = np.full(len(kinds), -1, np.int64)  # where the body of each request is read
        self._body_rows[kinds == LINE] = rows[kinds == LINE]
        texts = np.flatnonzero(kinds == BODY)
        same = number(high[texts], low[texts])
        self._body_rows[texts] = rows[texts[first_of_each(same)]][same]
        digests = kinds == DIGEST
        self._keys = np.full(len(kinds), -1, np.int32)
        self._keys[digests] = number(high[digests], low[digests])
        self._first_body_key = count(self._keys)
        self.has_bodies = bool(np.any(kinds >= BODY))
        self.bypasses: Counter[str] = Counter()
        self.fields: dict[str, int] = {}
        self.alternatives: dict[str, NDArray[np.int32]] = {}

    def rows_of(self, kind: int) -> NDArray[np.int64]:
        """The rows of the log whose bodies, BODY or LINE, have to be read."""
        return np.unique(self._body_rows[self._kinds == kind])

    def keys(self) -> NDArray[np.int32]:
        """As a Trace has them."""
        return self._keys

    def take_bodies(self, bodies: Bodies, callers: NDArray[np.int32], never_left_out: frozenset[str]) -> None:
        """Number the requests that have bodies; `callers`: a number for each request's caller."""
        with_body = np.flatnonzero(self._body_rows >= 0)
        places = np.searchsorted(bodies.rows, self._body_rows[with_body])
        reasons = bodies.reasons[places]
        for code, times in enumerate(np.bincount(reasons[reasons >= 0], minlength=len(bodies.reason_names))):
            self.bypasses[bodies.reason_names[code]] += int(times)
        with_body, places = with_body[reasons < 0], places[reasons < 0]
        callers = callers[with_body]
        alone = self._keys  # those with digests
        self._keys = self._joined(alone, with_body, pair(callers, bodies.numbers()[places]))
        uses = np.bincount(places, minlength=len(bodies.rows))
        used = {name: int(uses[owners].sum()) for name, (owners, _) in bodies.members.items()}
        used = {name: times for name, times in used.items() if times and name not in never_left_out}
        self.fields = dict(sorted(used.items(), key=lambda item: (-item[1], item[0])))
        for name in list(self.fields)[:MOST_FIELDS]:
            numbers = pair(callers, bodies.numbers(without=name)[places])
            if count(numbers) + self._first_body_key < count(self._keys):
                self.alternatives[name] = self._joined(alone, with_body, numbers)

    def _joined(
        self, alone: NDArray[np.int32], with_body: NDArray[np.int64], numbers: NDArray[np.int32]
    ) -> NDArray[np.int32]:
        keys = alone.copy()
        keys[with_body] = numbers + np.int32(self._first_body_key)
        return keys
