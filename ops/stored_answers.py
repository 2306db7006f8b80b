"""Finding and removing a model's answers in the shared cache, without stopping it for anybody else."""

from __future__ import annotations

import contextlib
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from rich.console import Console
from rich.progress import BarColumn, Progress, TextColumn, TimeRemainingColumn

from ops.cache_server import CacheServer
from ops.entry_names import EntryName, ModelNames

if TYPE_CHECKING:
    from redis import Redis

_LOOKED_AT_PER_CALL = 1_000  # of SCAN: less than a millisecond of the server's only thread
_REMOVED_PER_CALL = 200


@dataclass(frozen=True)
class Removal:
    """How many names were removed; `complete` when all of the cache was looked through in time."""

    removed: int
    complete: bool


@dataclass(frozen=True)
class StoredAnswers:
    """One model's answers in a shared cache.

    Usage: ``StoredAnswers(cache, "digits", limit_seconds=60).remove_generations_below(3, console)``. SCAN and UNLINK
    only: the server goes on answering others in between, and frees memory beside its work. Raises CacheServerError.
    """

    cache: CacheServer
    model: str
    limit_seconds: float

    def remove_generations_below(self, generation: int, console: Console) -> Removal:
        """Everything of the older generations, and nothing else."""
        return self._remove(self._names.pattern, lambda name: name.generation < generation, console)

    def remove_question(self, question: str, console: Console) -> Removal:
        """The answers to one question, by its digest; who is being answered at this moment keeps the lease."""
        pattern = self._names.pattern_of(question)
        return self._remove(pattern, lambda name: name.question == question and not name.is_lease, console)

    @property
    def _names(self) -> ModelNames:
        return ModelNames(self.cache.key_prefix, self.model)

    def _remove(self, pattern: bytes, is_wanted: Callable[[EntryName], bool], console: Console) -> Removal:
        deadline = time.monotonic() + self.limit_seconds
        removed = 0
        with self.cache.primaries() as servers, _progress(console) as progress:
            task = progress.add_task(f"looking through {self.cache.address}", total=_size(servers))
            for server in servers:
                for names, is_last in _scan(server, pattern):
                    wanted = [name for name in names if (known := self._names.parse(name)) and is_wanted(known)]
                    removed += _unlink(server, wanted)
                    progress.update(task, advance=_LOOKED_AT_PER_CALL)
                    if time.monotonic() >= deadline and not (is_last and server is servers[-1]):
                        return Removal(removed, complete=False)
        return Removal(removed, complete=True)


def _size(servers: list[Redis]) -> float | None:
    """How many names there are; None for a user who may not ask."""
    from redis.exceptions import NoPermissionError

    sizes: list[Any] = []
    with contextlib.suppress(NoPermissionError):
        sizes = [server.dbsize() for server in servers]
    return sum(sizes) if sizes else None


def _scan(server: Redis, pattern: bytes) -> Iterator[tuple[list[bytes], bool]]:
    """The names that match, in as many calls as the server needs, and whether a call was the last.

    A name that is there all the time is given at least once, also while others come and go (SCAN's guarantee).
    """
    cursor, is_last = 0, False
    while not is_last:
        answer: Any = server.scan(cursor, match=pattern, count=_LOOKED_AT_PER_CALL)
        cursor, names = int(answer[0]), answer[1]
        is_last = cursor == 0
        yield names, is_last


def _unlink(server: Redis, names: list[bytes]) -> int:
    """One UNLINK a name, as in a cluster each may be in another slot."""
    removed = 0
    for at in range(0, len(names), _REMOVED_PER_CALL):
        with server.pipeline(transaction=False) as pipeline:
            for name in names[at : at + _REMOVED_PER_CALL]:
                pipeline.unlink(name)
            removed += sum(pipeline.execute())
    return removed


def _progress(console: Console) -> Progress:
    columns = (TextColumn("{task.description}"), BarColumn(), TimeRemainingColumn())
    return Progress(*columns, console=console, transient=True, disable=not console.is_terminal)
