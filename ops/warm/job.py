"""Warming one model of one stack from one file: what is asked, where, and how far it is."""

from __future__ import annotations

import asyncio
import hashlib
import itertools
import json
import signal
import time
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from components.prediction_key.twin import canonical
from ops.plan.log_error import LogError
from ops.stack_config import StackConfig
from ops.status.wording import shown
from ops.warm.lock import CANNOT_BE_KEPT, BusyError
from ops.warm.outcome import Kind
from ops.warm.progress import Progress, ProgressFile
from ops.warm.questions import Questions, digest_of, most_valuable
from ops.warm.target import Target, TargetError
from ops.warm.warming import CHANGED, INTERRUPTED, UNSAVED, Stopped, Warming
from settings import ModelSettings

_ENDING = (signal.SIGINT, signal.SIGTERM, signal.SIGHUP)
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
        top: int | None,
        progress_path: Path,
        restart: bool,
    ) -> Job:
        """Reads and ranks the file. Raises LogError, and TargetError when it is not clear whose questions they are.

        `progress_path` is that of `path_of_progress`; nobody else may write it meanwhile.
        """
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
            "endpoint": _digest(model.model_dump_json(include={"endpoint", "sagemaker", "pool"})),
            "target": _digest(json.dumps([target.url, target.headers])),
            "key": _mark(target.credential, progress_path.name),
        }
        file = ProgressFile(progress_path, run, model.cache.ttl_seconds)
        progress, anew = (Progress(), "") if restart else file.load()
        distinct = len(questions.positions)
        total = distinct if top is None else min(top, distinct)
        if progress.end > total:
            progress, anew = Progress(), "fewer questions than the last run has asked"
        return cls(config, model, target, questions, total, file, progress, anew)

    @property
    def done(self) -> int:
        return self.progress.position + len(self.progress.ahead)

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

        Raises BusyError, before anything is asked, when the progress cannot be saved.
        """
        try:
            self.file.save(self.progress)
        except OSError as error:
            raise BusyError(f"{CANNOT_BE_KEPT}: {error}") from None
        return asyncio.run(self._run(per_second, concurrency, on_step, on_interrupt))

    async def _run(
        self, per_second: float, concurrency: int, on_step: Callable[[], None], on_interrupt: Callable[[], None]
    ) -> Stopped | None:
        saved_at = time.monotonic()

        def save() -> None:
            try:
                self.file.save(self.progress)
            except OSError as error:
                warming.stop(Stopped(UNSAVED, str(error)))

        def step() -> None:
            nonlocal saved_at
            if time.monotonic() - saved_at >= _SAVE_SECONDS:
                saved_at = time.monotonic()
                save()
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
        numbers = [number for number in _ENDING if signal.getsignal(number) is not signal.SIG_IGN]  # as nohup has it
        for number in numbers:
            loop.add_signal_handler(number, interrupt)
        try:
            stopped = await running
        except asyncio.CancelledError:
            stopped = Stopped(INTERRUPTED)
        except LogError as error:
            stopped = Stopped(CHANGED, str(error))
        finally:
            for number in numbers:
                loop.remove_signal_handler(number)
            save()
        return stopped

    def _left(self) -> Iterator[tuple[int, bytes]]:
        numbers, wanted = itertools.tee(self.progress.left(self.total))
        return zip(numbers, self.questions.bodies(wanted), strict=True)


def path_of_progress(config: StackConfig, model: ModelSettings, state_dir: Path) -> Path:
    """Where a model's progress is kept."""
    return state_dir / "warm" / f"{config.project}-{config.stack}-{model.name}.json"


def _check_callers(model: ModelSettings, callers: frozenset[str]) -> None:
    if model.access.mode == "open" or model.cache.shareable or len(callers) < 2:
        return
    names = ", ".join(sorted(shown(name) or "(none)" for name in callers)[:10])
    raise TargetError(
        f"the file has the questions of several callers ({names}), and {model.name} does not share answers between "
        "them: name the one whose key this is by --caller"
    )


def _version(model: ModelSettings) -> str:
    made = model.sagemaker.endpoint if model.sagemaker else None
    return model.version or (made.config_name if made else "")


def _digest(text: str) -> str:
    return hashlib.sha256(text.encode()).hexdigest()


def _mark(credential: Mapping[str, str], salt: str) -> str:
    """Tells one key from another, and is too short to find out a key by it."""
    return hashlib.scrypt(json.dumps(credential).encode(), salt=salt.encode(), n=2**14, r=8, p=1, dklen=2).hex()
