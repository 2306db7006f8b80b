"""How an answer of unknown length passes: at once, or gathered in buffers as nginx's proxy_buffering does."""

from __future__ import annotations

from collections.abc import AsyncIterator

import aiohttp

BUFFER_BYTES = 4096


async def pieces(content: aiohttp.StreamReader, is_buffered: bool, begun: bytes) -> AsyncIterator[bytes]:
    """What is to be sent on, as soon as it is due: what has been read (`begun`), then the rest.

    When the answer breaks off, what was held comes before the error.
    """
    if not is_buffered:
        if begun:
            yield begun
        async for piece in content.iter_any():
            yield piece
        return
    held = bytearray(begun)
    error: BaseException | None = None
    try:
        async for piece in content.iter_any():
            held += piece
            full = len(held) - len(held) % BUFFER_BYTES
            if full:
                yield bytes(held[:full])
                del held[:full]
    except (TimeoutError, aiohttp.ClientError) as failure:
        error = failure
    if held:
        yield bytes(held)
    if error is not None:
        raise error
