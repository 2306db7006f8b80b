"""Warming one model of one stack from one file: what is asked, where, and how far it is."""

from __future__ import annotations

import asyncio
import hashlib
import itertools
import json
import signal
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from components.prediction_key.twin import canonical
from ops.stack_config import StackConfig
from ops.warm.outcome import Kind
from ops.warm.progress import Progress, ProgressFile
from ops.warm.questions import Questions, digest_of, most_valuable
from ops.warm.target import Target, TargetError
from ops.warm.warming import INTERRUPTED, Stopped, Warming
from settings import ModelSettings

_SAVE_SECONDS = 1.0
_MARGIN_SECONDS = 5.0  # for the gateway's own answer when the model has none


@dataclass
class Job:
    """Usage: ``job = Job.prepare(config, model, target, path, ...)``, then ``stopped = job.run(10, 2, lambda: None)``.

    The progress is saved every second and at the end, and removed when all is asked or nothing is worth asking.
    """

    config: StackConfig
    model: ModelSettings
    target: Target
    questions: Questions
    total: int
    file: ProgressFile
    progress: Progress
    anew: str
    """Why the last run's progress does not count; "" if it does, or there was none."""
    resumed_at: int = field(init=False)

    def __post_init__(self) -> None:
        self.resumed_at = self.done

    @classmethod
    def prepare(
        cls,
        config: StackConfig,
        model: ModelSettings,
        target: Target,
        path: Path,
        *,
        caller: str | None,
        key_variable: str,
        top: int | None,
        state_dir: Path,
        restart: bool,
    ) -> Job:
        """Reads and ranks the file. Raises LogError, and TargetError when it is not clear whose questions they are."""
        digest = digest_of(path)
        rules: Any = model.cache  # has the profile and the excluded fields, which is all that it takes
        questions = most_valuable(
            path, model.name, lambda body: canonical(rules, body), caller, model.cache.max_body_bytes
        )
        if caller is None:
            _check_callers(model, questions.callers)
        cache = model.cache.model_dump_json(exclude={"generation"})
        run = {
            "file": digest,
            "version": _version(model),
            "generation": str(model.cache.generation),
            "cache settings": _digest(cache),
            "caller": json.dumps(caller),
            "target": _digest(json.dumps([target.url, target.headers, key_variable])),
        }
        name = f"{config.project}-{config.stack}-{model.name}.json"
        file = ProgressFile(state_dir / "warm" / name, run, model.cache.ttl_seconds)
        progress, anew = (Progress(), "") if restart else file.load()
        distinct = len(questions.positions)
        total = distinct if top is None else min(top, distinct)
        return cls(config, model, target, questions, total, file, progress, anew)

    @property
    def done(self) -> int:
        return min(self.total, self.progress.position + len(self.progress.ahead))

    @property
    def version(self) -> str:
        return _version(self.model)

    @property
    def counts(self) -> dict[tuple[Kind, str], int]:
        """Of this run and those that it goes on from."""
        return dict(self.progress.counts)

    def run(
        self, per_second: float, concurrency: int, on_step: Callable[[], None], on_interrupt: Callable[[], None]
    ) -> Stopped | None:
        """Asks what is left; None when all is asked. The first Ctrl-C lets the answers under way come, the second not.

        Raises LogError and OSError.
        """
        return asyncio.run(self._run(per_second, concurrency, on_step, on_interrupt))

    async def _run(
        self, per_second: float, concurrency: int, on_step: Callable[[], None], on_interrupt: Callable[[], None]
    ) -> Stopped | None:
        saved_at = time.monotonic()

        def step() -> None:
            nonlocal saved_at
            if time.monotonic() - saved_at >= _SAVE_SECONDS:
                saved_at = time.monotonic()
                self.file.save(self.progress)
            on_step()

        warming = Warming(
            self.target,
            self.progress,
            per_second=per_second,
            concurrency=concurrency,
            timeout_seconds=self.config.settings.longest_wait_seconds(self.model) + _MARGIN_SECONDS,
            on_step=step,
        )
        running = asyncio.ensure_future(warming.run(self._left()))
        interrupts = itertools.count()

        def interrupt() -> None:
            if next(interrupts):
                running.cancel()
            else:
                on_interrupt()
            warming.stop(Stopped(INTERRUPTED))

        loop = asyncio.get_running_loop()
        for number in (signal.SIGINT, signal.SIGTERM):
            loop.add_signal_handler(number, interrupt)
        try:
            stopped = await running
        except asyncio.CancelledError:
            stopped = Stopped(INTERRUPTED)
        finally:
            for number in (signal.SIGINT, signal.SIGTERM):
                loop.remove_signal_handler(number)
            self.file.save(self.progress)
        return stopped

    def _left(self) -> Iterator[tuple[int, bytes]]:
        numbers, wanted = itertools.tee(self.progress.left(self.total))
        return zip(numbers, self.questions.bodies(wanted), strict=True)


def _check_callers(model: ModelSettings, callers: frozenset[str]) -> None:
    if model.access.mode == "open" or model.cache.shareable or len(callers) < 2:
        return
    names = ", ".join(sorted(name or "(none)" for name in callers)[:10])
    raise TargetError(
        f"the file has the questions of several callers ({names}), and {model.name} does not share answers between "
        "them: name the one whose key this is by --caller"
    )


def _version(model: ModelSettings) -> str:
    made = model.sagemaker.endpoint if model.sagemaker else None
    return model.version or (made.config_name if made else "")


def _digest(text: str) -> str:
    return hashlib.sha256(text.encode()).hexdigest()
