"""The local world with the logs of its parts."""

from __future__ import annotations

from local.world import LocalWorld


class LoggedWorld(LocalWorld):
    """A LocalWorld that can be asked what a part has logged.

    Usage: world.logged("gateway", "the cache of digits is off")     # the lines with these words
    """

    def logged(self, part: str, words: str) -> list[str]:
        """Return the lines of a part's log, on stderr, that have these words."""
        assert self._log_dir
        text = (self._log_dir / f"{part}.log").read_text(errors="replace")
        return [line for line in text.splitlines() if words in line]
