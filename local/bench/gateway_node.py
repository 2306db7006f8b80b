"""The gateway that is measured: the embedded one of the local world, or a real Kong named by the environment."""

from __future__ import annotations

import os
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import httpx

from local.world import LocalWorld

_TICKS_PER_SECOND = os.sysconf("SC_CLK_TCK")
_UNITS = {"b": 1, "kib": 1024, "mib": 1024**2, "gib": 1024**3}


@dataclass(frozen=True)
class GatewayNode:
    """Its two URLs, and what its Admin API and /proc say about it.

    Usage:
        node = GatewayNode.of(world)        # or the real Kong at KONG_ADMIN_URL and KONG_PROXY_URL
        node.worker_pids, node.dictionary_bytes("prediction_cache"), node.is_real
    """

    admin: str
    proxy: str
    is_real: bool

    @classmethod
    def of(cls, world: LocalWorld) -> GatewayNode:
        """Return the Kong that the environment names, which must run on this machine, else the world's own gateway."""
        admin, proxy = os.environ.get("KONG_ADMIN_URL"), os.environ.get("KONG_PROXY_URL")
        if admin and proxy:
            return cls(admin.rstrip("/"), proxy.rstrip("/"), is_real=True)
        return cls(world.admin, world.proxy, is_real=False)

    @property
    def name(self) -> str:
        """What it is, for a person."""
        return f"Kong {self._get('/')['version']}" if self.is_real else "the embedded gateway"

    @property
    def worker_pids(self) -> list[int]:
        """Process ids of the workers."""
        return self._get("/")["pids"]["workers"]

    def dictionary_bytes(self, name: str) -> int:
        """Return how much of a shared dictionary is in use, in steps of some kilobytes."""
        used = self._get("/status", unit="b")["memory"]["lua_shared_dicts"][name]["allocated_slabs"]
        number, _, unit = str(used).partition(" ")
        return round(float(number) * _UNITS[unit.lower() or "b"])

    def _get(self, path: str, **query: str) -> Any:
        return httpx.get(self.admin + path, params=query, timeout=10).raise_for_status().json()


def cpu_seconds(pids: Sequence[int]) -> float | None:
    """Return the CPU time that the processes have had so far, in steps of 10 ms; None where there is no /proc."""
    try:
        return sum(_ticks(pid) for pid in pids) / _TICKS_PER_SECOND
    except FileNotFoundError:
        return None


def _ticks(pid: int) -> int:
    fields = Path(f"/proc/{pid}/stat").read_text(errors="replace").rpartition(")")[2].split()
    user, system = 11, 12  # proc(5): utime and stime, counted behind the name
    return int(fields[user]) + int(fields[system])
