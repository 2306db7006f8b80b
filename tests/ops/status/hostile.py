"""A server on real TCP that answers as it likes, bytes and pauses.

Usage::

    with hostile(b"HTTP/1.1 200 OK\\r\\n", drip=b"X: y\\r\\n") as uri: ...
"""

from __future__ import annotations

import contextlib
import socket
import threading
from collections.abc import Iterator

_PAUSE_SECONDS = 0.02


@contextlib.contextmanager
def hostile(*pieces: bytes, drip: bytes = b"", endless: bytes = b"", is_silent: bool = False) -> Iterator[str]:
    """Sends `pieces`, then a byte of `drip` now and then for ever, or `endless` as fast as it is taken.

    `is_silent`: takes connections, and says nothing.
    """
    listener = socket.create_server(("127.0.0.1", 0))
    ended = threading.Event()

    def answer(client: socket.socket) -> None:
        with client, contextlib.suppress(OSError):
            client.settimeout(1)
            if is_silent:
                ended.wait()
                return
            client.recv(65_536)
            for piece in pieces:
                client.sendall(piece)
            while drip and not ended.wait(_PAUSE_SECONDS):
                client.sendall(drip)
            while endless and not ended.is_set():
                client.sendall(endless)

    def serve() -> None:
        with contextlib.suppress(OSError):
            while True:
                client, _ = listener.accept()
                threading.Thread(target=answer, args=(client,), daemon=True).start()

    threading.Thread(target=serve, daemon=True).start()
    try:
        yield f"http://127.0.0.1:{listener.getsockname()[1]}"
    finally:
        ended.set()
        listener.shutdown(socket.SHUT_RDWR)
        listener.close()
