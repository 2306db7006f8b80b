"""One part of the local world: its module, its command line and the addresses that it listens on."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any
from urllib.parse import urlsplit


@dataclass(frozen=True)
class Part:
    """How a part is started.

    Usage:
        part = Part("local.kong", {"admin": ("--admin", 0), "proxy": ("--proxy", 0)})
        part.command_line               # ["--admin", "127.0.0.1:0", "--proxy", "127.0.0.1:0"]
        part.at(process.ready())        # the same part on the ports that it has taken

    addresses: by the key of the ready line that holds its URL, the option for its address, and its port.
    """

    module: str
    addresses: Mapping[str, tuple[str, int]]
    options: Sequence[str] = ()

    @property
    def command_line(self) -> list[str]:
        """The arguments of the module."""
        listening = [word for option, port in self.addresses.values() for word in (option, f"127.0.0.1:{port}")]
        return [*listening, *self.options]

    def at(self, ready: Mapping[str, Any]) -> Part:
        """Return the part with the ports of its ready line, so that it can start there again."""
        taken = {key: (option, urlsplit(ready[key]).port or 0) for key, (option, _) in self.addresses.items()}
        return replace(self, addresses=taken)
