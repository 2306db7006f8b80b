"""Which requests of a trace a cache answers, and with which answer.

Usage::

    replay = Replay(trace.times, trace.keys, trace.durations)     # sorts once
    replay.model_calls(ttl_seconds=60)                            # bool a request: the model is asked
    replay.origins(ttl_seconds=3600)                              # the index of the request whose answer each one gets
    replay.origins(3600, evicted=needed_bytes(trace.keys, trace.sizes) > memory_bytes)
    origins(trace.times, trace.keys, trace.durations, 3600)       # the same, for one TTL only

The rule: an answer is kept from the model's call until `ttl_seconds` after the model has answered, so a request is a
hit when its key's last call has time + duration + TTL > its own time. That counts the one that comes while the call is
in flight: it waits for the same answer. A request that `evicted` names asks the model in any case, and so does one with
the key -1. Among equal times the order in the columns decides. math.inf is a TTL that never ends.

Everything is exact and near linear, whatever the trace: sorting is the slowest part, and is done once.
"""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

_FOR_EVER = 2**61  # microseconds; a time can be added to it
_ROUND_COST = 1024  # requests that the plain loop does in the time of one round of few chains


def origins(
    times: NDArray[np.int64],
    keys: NDArray[np.integer],
    durations: NDArray[np.int64],
    ttl_seconds: float,
    evicted: NDArray[np.bool_] | None = None,
) -> NDArray[np.int64]:
    """For each request the index of the request whose answer it gets: itself when the model is asked. See Replay."""
    return Replay(times, keys, durations).origins(ttl_seconds, evicted)


class Replay:
    """One trace, prepared for any number of TTLs; the usage is above.

    times, durations: microseconds, the times ascending. keys: from 0, -1 for a request that bypasses the cache.
    evicted: bool a request. It keeps 24 bytes a request. Raises ValueError for a TTL below 0.
    """

    # Inside, requests are in order of key, then time. A place is a position in that order, an index one in the trace.

    def __init__(self, times: NDArray[np.int64], keys: NDArray[np.integer], durations: NDArray[np.int64]) -> None:
        self._requests, self._durations = len(times), durations
        bits = self._requests.bit_length()
        # Key and index in one number sort three times as fast as the keys with argsort.
        both = np.sort((keys.astype(np.int64) << bits | np.arange(self._requests))[keys >= 0])
        starts = np.flatnonzero(np.diff(both >> bits, prepend=-1))
        self._indexes = both
        self._indexes &= (1 << bits) - 1
        self._times = times[self._indexes]
        self._short_ttls = self._ttls_that_do_not_reach(starts)

    def origins(self, ttl_seconds: float, evicted: NDArray[np.bool_] | None = None) -> NDArray[np.int64]:
        """For each request the index of the request whose answer it gets: itself when the model is asked."""
        calls = np.flatnonzero(self._calls(ttl_seconds, evicted))
        found = np.arange(self._requests)
        found[self._indexes] = np.repeat(self._indexes[calls], np.diff(calls, append=len(self._indexes)))
        return found

    def model_calls(self, ttl_seconds: float, evicted: NDArray[np.bool_] | None = None) -> NDArray[np.bool_]:
        """For each request whether the model is asked: a miss or a bypass. Faster than origins."""
        asked = np.ones(self._requests, dtype=np.bool_)
        asked[self._indexes] = self._calls(ttl_seconds, evicted)
        return asked

    def _ttls_that_do_not_reach(self, starts: NDArray[np.int64]) -> NDArray[np.int64]:
        """For each place a TTL, in microseconds, with which certainly no earlier answer of its key reaches it."""
        gaps = np.diff(self._times, prepend=0)
        if len(starts):
            longest = np.maximum.reduceat(self._durations[self._indexes], starts)
            gaps -= np.repeat(longest, np.diff(starts, append=len(gaps)))
        gaps[starts] = np.iinfo(np.int64).max
        return gaps

    def _calls(self, ttl_seconds: float, evicted: NDArray[np.bool_] | None) -> NDArray[np.bool_]:
        """For each place whether it is a call of the model.

        A place that no earlier answer can reach is a call whatever came before, and starts a chain: its next call is
        the first place that its answer does not reach. All chains are followed at once, one call of each in a round.
        """
        if not ttl_seconds >= 0:
            raise ValueError(f"ttl_seconds is {ttl_seconds}, which is not 0 or more")
        ttl = round(min(ttl_seconds * 1e6, _FOR_EVER))
        calls = self._short_ttls >= ttl
        if evicted is not None:
            calls |= evicted[self._indexes]
        at = np.flatnonzero(calls)
        ends = np.append(at[1:], len(calls))
        rounds = 0
        while len(at):
            rounds += 1
            if rounds * _ROUND_COST > np.sum(ends - at):  # a few long chains are left
                for start, end in zip(at.tolist(), ends.tolist(), strict=True):
                    self._follow(start, end, ttl, calls)
                break
            at, ends = self._next_calls(at, ends, ttl)
            calls[at] = True
        return calls

    def _next_calls(
        self, at: NDArray[np.int64], ends: NDArray[np.int64], ttl: int
    ) -> tuple[NDArray[np.int64], NDArray[np.int64]]:
        """The next call of each chain that has one before its end, and these ends."""
        expiries = self._times[at] + self._durations[self._indexes[at]] + ttl
        go_on = np.flatnonzero((ends - at > 1) & (self._times[ends - 1] >= expiries))
        ends, expiries = ends[go_on], expiries[go_on]
        reached = at[go_on]  # the last place known to get this answer
        step = 1 << int(np.max(ends - reached, initial=1)).bit_length()
        while step := step >> 1:
            wide = np.flatnonzero(ends - reached > step)
            probes = reached[wide] + step
            hits = self._times[probes] < expiries[wide]
            reached[wide[hits]] = probes[hits]
        return reached + 1, ends

    def _follow(self, start: int, end: int, ttl: int, calls: NDArray[np.bool_]) -> None:
        """Mark all calls of one chain."""
        times = self._times[start:end]
        following = np.searchsorted(times, times + self._durations[self._indexes[start:end]] + ttl)
        following = np.maximum(following, np.arange(1, end - start + 1)).data
        at, marks = 0, calls[start:end].data
        while at < end - start:
            marks[at] = True
            at = following[at]
