"""python -m local.child PARENT_PID MODULE [ARGUMENT]...: run a module that the kernel ends when the parent dies."""

from __future__ import annotations

import ctypes
import os
import runpy
import signal
import sys

_SET_PARENT_DEATH_SIGNAL = 1  # PR_SET_PDEATHSIG of linux/prctl.h


def main() -> None:
    """Tie this process to its parent (on Linux), then become the module."""
    parent, module, *arguments = sys.argv[1:]
    if not end_with_parent(int(parent)):
        sys.exit("the parent process has ended")
    sys.argv = [module, *arguments]
    runpy.run_module(module, run_name="__main__", alter_sys=True)


def end_with_parent(parent: int) -> bool:
    """Let the kernel end this process when its parent does (on Linux); False when the parent has ended already."""
    if sys.platform.startswith("linux"):
        ctypes.CDLL(None).prctl(_SET_PARENT_DEATH_SIGNAL, signal.SIGTERM)
    return os.getppid() == parent


if __name__ == "__main__":
    main()
