"""A threaded HTTP/1.1 upstream that echoes the request with a counter; the recordings were made with its like.

`echo_upstream.py PORT NAME`. Query controls: sleep=MS (default 200), status=N, cc=Cache-Control, ct=Content-Type or
none, size=N filler bytes, h=Name:Value (repeatable), chunk=1 chunked reply, close=1 reset. /ping answers at once.
"""

from __future__ import annotations

import hashlib
import json
import sys
import threading
import time
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from urllib.parse import parse_qs, urlsplit

COUNTER = iter(range(1, 1 << 60))
LOCK = threading.Lock()


class Echo(BaseHTTPRequestHandler):
    disable_nagle_algorithm = True
    wbufsize = 65536
    protocol_version = "HTTP/1.1"
    server_version, sys_version = "tiny", ""

    def log_message(self, format: str, *args: object) -> None:
        pass

    def _body(self) -> bytes:
        if self.headers.get("Transfer-Encoding", "").lower() != "chunked":
            return self.rfile.read(int(self.headers.get("Content-Length") or 0))
        body = b""
        while size := int(self.rfile.readline().strip().split(b";")[0] or b"0", 16):
            body += self.rfile.read(size)
            self.rfile.readline()
        while self.rfile.readline().strip():
            pass
        return body

    def _answer(self, query: dict[str, list[str]], body: bytes) -> bytes:
        with LOCK:
            number = next(COUNTER)
        time.sleep(int(query.get("sleep", ["200"])[0]) / 1000)
        answer = {
            "n": number,
            "by": sys.argv[2],
            "method": self.command,
            "path": self.path,
            "body_len": len(body),
            "body_sha256": hashlib.sha256(body).hexdigest(),
            "body": body.decode("utf8", "replace") if len(body) <= 4096 else None,
            "headers": dict(self.headers.items()),
        }
        if "size" in query:
            answer["fill"] = "x" * int(query["size"][0])
        return json.dumps(answer).encode()

    def _go(self) -> None:
        url = urlsplit(self.path)
        query, body = parse_qs(url.query), self._body()
        if url.path.endswith("/ping"):
            self.send_response(200)
            self.send_header("Content-Length", "4")
            self.end_headers()
            self.wfile.write(b"pong")
            return
        answer = self._answer(query, body)
        if "close" in query:
            self.close_connection = True
            self.connection.close()
            return
        status, content_type = int(query.get("status", ["200"])[0]), query.get("ct", ["application/json"])[0]
        self.send_response(status)
        if content_type != "none":
            self.send_header("Content-Type", content_type)
        if "cc" in query:
            self.send_header("Cache-Control", query["cc"][0])
        for header in query.get("h", []):
            self.send_header(*header.split(":", 1))
        if status in (204, 304):
            self.end_headers()
        elif "chunk" in query:
            self.send_header("Transfer-Encoding", "chunked")
            self.end_headers()
            self.wfile.write(b"%x\r\n%s\r\n0\r\n\r\n" % (len(answer), answer))
        else:
            self.send_header("Content-Length", str(len(answer)))
            self.end_headers()
            if self.command != "HEAD":
                self.wfile.write(answer)

    do_GET = do_POST = do_PUT = do_PATCH = do_DELETE = do_HEAD = do_OPTIONS = _go


class Server(ThreadingHTTPServer):
    daemon_threads = True
    request_queue_size = 256


if __name__ == "__main__":
    Server(("127.0.0.1", int(sys.argv[1])), Echo).serve_forever()
