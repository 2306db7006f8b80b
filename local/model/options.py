"""Command line options that both model servers have."""

from __future__ import annotations

import argparse

LONGEST_SECONDS = 60


def add_bind(parser: argparse.ArgumentParser) -> None:
    """Add --bind, which becomes (host, port)."""
    parser.add_argument("--bind", type=_address, default=("127.0.0.1", 8080), help="host:port; port 0 takes a free one")


def add_latency(parser: argparse.ArgumentParser, meaning: str) -> None:
    """Add --latency-seconds, a number from 0 to 60."""
    parser.add_argument("--latency-seconds", type=_latency, default=1.0, help=f"{meaning} (default 1.0)")


def _address(text: str) -> tuple[str, int]:
    host, _, port = text.rpartition(":")
    if not host or not port.isdigit() or int(port) > 65535:
        raise argparse.ArgumentTypeError(f"{text!r} is not host:port")
    return host, int(port)


def _latency(text: str) -> float:
    try:
        seconds = float(text)
    except ValueError:
        seconds = -1.0
    if not 0 <= seconds <= LONGEST_SECONDS:
        raise argparse.ArgumentTypeError(f"{text!r} is not a number of seconds from 0 to {LONGEST_SECONDS}")
    return seconds
