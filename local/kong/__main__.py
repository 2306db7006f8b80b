"""Starts the embedded Kong; see `python -m local.kong --help`. Prints its two URLs as one line of JSON when ready."""

from __future__ import annotations

import argparse
import asyncio
import logging
import re
import ssl
import sys

from local.kong.admin import AdminApi
from local.kong.balancer.address import parse
from local.kong.cluster.follower import FollowError, following
from local.kong.gateway import MIB, VERSION, Gateway
from local.kong.proxy import Proxy
from local.kong.upstream import DEFAULT_NEXT_UPSTREAM, NEXT_UPSTREAM, Upstream
from local.serving import serve_until_stopped

UNITS = {"k": 1024, "m": MIB, "g": 1024 * MIB}


def _size(text: str) -> int:
    found = re.fullmatch(r"(\d+)([kmg]?)", text.lower())
    if not found or int(found[1]) == 0:
        raise argparse.ArgumentTypeError(f"'{text}' is not a size; write for example 8k or 128m")
    return int(found[1]) * UNITS.get(found[2], 1)


def _dictionary(text: str) -> tuple[str, int]:
    name, found, size = text.partition("=")
    if not found or not re.fullmatch(r"\w+", name):
        raise argparse.ArgumentTypeError(
            f"'{text}' is not a shared dictionary; write for example prediction_cache=128m"
        )
    return name, _size(size)


def _address(text: str) -> tuple[str, int]:
    host, _, port = text.rpartition(":")
    if not host or not port.isdigit() or int(port) > 65535:
        raise argparse.ArgumentTypeError(f"'{text}' is not an address; write for example 127.0.0.1:8001")
    return host, int(port)


def _next_upstream(text: str) -> str:
    if text != "off" and not (text.split() and set(text.split()) <= NEXT_UPSTREAM):
        known = ", ".join(sorted(NEXT_UPSTREAM))
        raise argparse.ArgumentTypeError(f"'{text}' is not a proxy_next_upstream; give some of {known}, or off")
    return text


def _nameservers(text: str) -> list[tuple[str, int]]:
    found = [parse(part) for part in _names(text)]
    if not found or any(one is None or one.kind == "name" for one in found):
        raise argparse.ArgumentTypeError(f"'{text}' are no name servers; write for example 10.0.0.2,127.0.0.1:5353")
    return [(one.host, one.port or 53) for one in found if one]


def _names(text: str) -> list[str]:
    return [name.strip() for name in text.split(",") if name.strip()]


def _certificates(text: str) -> str:
    try:
        ssl.create_default_context(cafile=text)
    except OSError as error:
        raise argparse.ArgumentTypeError(f"cannot read certificates from '{text}': {error.strerror}") from None
    return text


def _arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="python -m local.kong", description="An embedded Kong for one machine.")
    parser.add_argument(
        "--admin", type=_address, default="127.0.0.1:8001", metavar="HOST:PORT", help="Admin API; port 0: a free one"
    )
    parser.add_argument(
        "--proxy", type=_address, default="127.0.0.1:8000", metavar="HOST:PORT", help="proxy; port 0: a free one"
    )
    parser.add_argument(
        "--admin-token", metavar="TOKEN", help="required in the header Kong-Admin-Token of Admin requests"
    )
    parser.add_argument(
        "--follow",
        metavar="URL",
        help="a further node: without an Admin API, its configuration is that of the node with this one",
    )
    parser.add_argument(
        "--shared-dict", type=_dictionary, action="append", metavar="NAME=SIZE", help="default prediction_cache=128m"
    )
    parser.add_argument(
        "--client-body-buffer-size", type=_size, default="1m", metavar="SIZE", help="bodies above it spill; default 1m"
    )
    parser.add_argument(
        "--untrusted-lua-sandbox-requires",
        type=_names,
        default="resty.redis,kong.plugins.prometheus.exporter,kong.runloop.balancer",
        metavar="NAMES",
        help="modules that function plugins may require, with commas; default: %(default)s",
    )
    parser.add_argument(
        "--dns-resolver",
        type=_nameservers,
        default=(),
        metavar="IP[:PORT],...",
        help="name servers for the hosts of services and targets; default: the system's, for addresses alone, not SRV",
    )
    parser.add_argument(
        "--nginx-proxy-proxy-next-upstream",
        type=_next_upstream,
        metavar="WORDS",
        help="failures after which a request goes to another target, as nginx's proxy_next_upstream; "
        'default "error timeout"',
    )
    parser.add_argument(
        "--lua-ssl-trusted-certificate",
        type=_certificates,
        metavar="FILE",
        help="PEM certificates that Lua's TLS trusts; default the system's",
    )
    return parser.parse_args()


async def _serve(arguments: argparse.Namespace) -> None:
    dictionaries = dict(arguments.shared_dict or ()) or {"prediction_cache": 128 * MIB}
    gateway = Gateway(
        dictionaries,
        arguments.client_body_buffer_size,
        arguments.untrusted_lua_sandbox_requires,
        arguments.lua_ssl_trusted_certificate,
        arguments.nginx_proxy_proxy_next_upstream,
        arguments.dns_resolver,
    )
    upstream = Upstream(arguments.nginx_proxy_proxy_next_upstream or DEFAULT_NEXT_UPSTREAM)
    servers = {"proxy": (Proxy(gateway, upstream).handle, arguments.proxy)}
    try:
        if arguments.follow:
            async with following(gateway.store, arguments.follow, arguments.admin_token):
                await serve_until_stopped(servers, gateway.listening)
        else:
            api = AdminApi(gateway.store, gateway, VERSION, arguments.admin_token)
            await serve_until_stopped({"admin": (api.handle, arguments.admin), **servers}, gateway.listening)
    except FollowError as error:
        raise SystemExit(str(error)) from None
    finally:
        gateway.balancers.close()
        await gateway.coroutines.close()
        await upstream.close()


def main() -> None:
    logging.basicConfig(stream=sys.stderr, level=logging.WARNING, format="%(asctime)s %(levelname)s %(message)s")
    asyncio.run(_serve(_arguments()))


if __name__ == "__main__":
    main()
