"""The embedded Kong answers as a real one did."""

from __future__ import annotations

import contextlib
from collections.abc import Callable

from tests.kong.conformance import FILES, Replayer
from tests.kong.running import echo_upstream, free_port, running_kong

REACHED = 873


def test_recorded_exchanges_agree(tell: Callable[..., None]) -> None:
    with contextlib.ExitStack() as stack:
        ports = {recorded: stack.enter_context(echo_upstream()) for recorded in (18080, 18081, 18082, 18083)}
        ports[18079] = free_port()
        kong = stack.enter_context(running_kong("--client-body-buffer-size", "8k"))
        replayer = Replayer(kong.admin, kong.proxy, ports)
        for file in FILES:
            replayer.replay(file)
    result = replayer.result
    tell(*result.summary().splitlines())
    assert not result.misses, "\n".join(result.misses)
    assert result.agreeing >= REACHED
