"""Starts the local edge; see `python -m local.edge --help`. Prints its two URLs as one line of JSON when ready."""

from __future__ import annotations

import argparse
import asyncio
import ipaddress
import logging
import re
import sys

from local.edge.admin import AdminApi
from local.edge.http_cache.object_store import ObjectStore
from local.edge.origin_client import OriginClient
from local.edge.registry import Registry
from local.edge.server import EdgeServer
from local.serving import serve_until_stopped

_UNITS = {"k": 1 << 10, "m": 1 << 20, "g": 1 << 30}


def _size(text: str) -> int:
    found = re.fullmatch(r"([1-9]\d*)([kmg]?)", text.lower())
    if not found:
        raise argparse.ArgumentTypeError(f"'{text}' is not a size; write for example 64m")
    return int(found[1]) * _UNITS.get(found[2], 1)


def _address(text: str) -> tuple[str, int]:
    host, _, port = text.rpartition(":")
    try:
        local = ipaddress.ip_address(host.strip("[]")).is_loopback
    except ValueError:
        local = host == "localhost"
    if not local or not port.isdigit() or int(port) > 65535:
        raise argparse.ArgumentTypeError(
            f"'{text}' is not an address of this machine; write for example 127.0.0.1:8002"
        )
    return host.strip("[]"), int(port)


def _arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(
        prog="python -m local.edge", description="A local CloudFront, Media CDN and Cloud CDN for one machine."
    )
    parser.add_argument(
        "--admin", type=_address, default="127.0.0.1:8002", metavar="HOST:PORT", help="admin port; 0: a free one"
    )
    parser.add_argument(
        "--proxy", type=_address, default="127.0.0.1:8003", metavar="HOST:PORT", help="viewers' port; 0: a free one"
    )
    parser.add_argument("--cache-size", type=_size, default="256m", metavar="SIZE", help="stored answers; default 256m")
    parser.add_argument(
        "--cloud-cdn-keys-before-url-map",
        action="store_true",
        help="make Cloud CDN's cache key of the request as the viewer sent it; default: as the URL map made it",
    )
    return parser.parse_args()


async def _serve(arguments: argparse.Namespace) -> None:
    registry, store, client = Registry(), ObjectStore(arguments.cache_size), OriginClient()
    server = EdgeServer(registry, store, client, arguments.cloud_cdn_keys_before_url_map)
    try:
        admin = AdminApi(registry, store)
        await serve_until_stopped({"admin": (admin.handle, arguments.admin), "proxy": (server.handle, arguments.proxy)})
    finally:
        await client.close()


def main() -> None:
    logging.basicConfig(stream=sys.stderr, level=logging.WARNING, format="%(asctime)s %(levelname)s %(message)s")
    asyncio.run(_serve(_arguments()))


if __name__ == "__main__":
    main()
