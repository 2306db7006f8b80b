"""A small DNS server on a free UDP port, whose records a test sets."""

from __future__ import annotations

import contextlib
import socket
import threading
from collections.abc import Iterator
from dataclasses import dataclass, field

import dns.flags
import dns.message
import dns.rcode
import dns.rdatatype
import dns.rrset


@dataclass
class NameServer:
    """`zone`: by name, the texts of its records by type, e.g. {"SRV": ["1 10 8000 a.test."]}; other names: NXDOMAIN.

    `fails`: every answer is SERVFAIL; `failures` counts those.
    """

    port: int
    zone: dict[str, dict[str, list[str]]] = field(default_factory=dict)
    ttl_seconds: int = 1
    fails: bool = False
    failures: int = 0

    def answer(self, wire: bytes) -> bytes:
        query = dns.message.from_wire(wire)
        reply = dns.message.make_response(query)
        reply.flags |= dns.flags.AA | dns.flags.RA
        [question] = query.question
        known = self.zone.get(question.name.to_text(omit_final_dot=True))
        kind = dns.rdatatype.to_text(question.rdtype)
        if self.fails:
            self.failures += 1
            reply.set_rcode(dns.rcode.SERVFAIL)
        elif known is None:
            reply.set_rcode(dns.rcode.NXDOMAIN)
        elif kind in known:
            reply.answer.append(dns.rrset.from_text_list(question.name, self.ttl_seconds, "IN", kind, known[kind]))
        return reply.to_wire()


@contextlib.contextmanager
def name_server() -> Iterator[NameServer]:
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as udp:
        udp.bind(("127.0.0.1", 0))
        server = NameServer(udp.getsockname()[1])

        def serve() -> None:
            while True:
                wire, peer = udp.recvfrom(65535)
                if not wire:
                    return
                udp.sendto(server.answer(wire), peer)

        thread = threading.Thread(target=serve, daemon=True)
        thread.start()
        try:
            yield server
        finally:
            with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as last:
                last.sendto(b"", ("127.0.0.1", server.port))
            thread.join()
