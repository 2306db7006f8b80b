"""Ctrl-C: what is under way ends and is saved, nothing new starts."""

from __future__ import annotations

import signal
import threading

import pulumi
import pulumi_kong
import pytest

from local.engine import Interrupted
from local.engine.guard import Guard
from tests.engine.conftest import MakeEngine
from tests.engine.support.admin_api import MemoryAdminApi


def chain() -> None:
    last = None
    for number in range(4):
        opts = pulumi.ResourceOptions(depends_on=[last] if last else [])
        last = pulumi_kong.Consumer(f"c{number}", username=f"c{number}", opts=opts)


@pytest.mark.parametrize("operation", ["up", "destroy"])
def test_ctrl_c_saves_what_was_done_and_the_next_run_goes_on(
    operation: str, make_engine: MakeEngine, kong: MemoryAdminApi, monkeypatch: pytest.MonkeyPatch
) -> None:
    if operation == "destroy":
        make_engine(chain).up()
    noticed = threading.Event()
    cancel = Guard.cancel
    monkeypatch.setattr(Guard, "cancel", lambda guard: (cancel(guard), noticed.set()))
    requests: list[str] = []

    def press_ctrl_c(method: str, path: str) -> None:
        requests.append(method)
        if requests.count({"up": "PUT", "destroy": "DELETE"}[operation]) == 2:
            signal.pthread_kill(threading.main_thread().ident or 0, signal.SIGINT)
            if operation == "up":  # the program runs beside the main thread
                assert noticed.wait(30)

    kong.on_request = press_ctrl_c
    with pytest.raises(Interrupted, match="interrupted: the steps under way were finished and saved"):
        getattr(make_engine(chain), operation)()
    assert len(kong.all("consumers")) == 2
    kong.on_request = lambda method, path: None
    del kong.requests[:]
    getattr(make_engine(chain), operation)()
    assert len(kong.all("consumers")) == (4 if operation == "up" else 0)
    assert len(kong.writes) == 2
