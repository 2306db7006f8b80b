"""``python -m ops status``: what each model's cache does, saves and gets wrong."""

from __future__ import annotations

import argparse
import sys
from collections.abc import Callable, Iterator, Sequence
from time import sleep
from urllib.parse import urlsplit

from rich.console import Console

from ops.cache_server import CacheServerError
from ops.edges import EdgeError
from ops.names import StackNames
from ops.option_types import seconds_above_0
from ops.stack_config import StackConfig, StackConfigError
from ops.status.cache_usage import CacheUsage, cache_server_of
from ops.status.deployed_edge import traffic_of
from ops.status.edge_traffic import EdgeTraffic
from ops.status.nodes import Node, NodeReading, read_nodes
from ops.status.screen import print_status
from ops.status.status import Status, model_statuses, node_status, status_json
from settings import SettingsError

EPILOG = """\
examples:
  make status STACK=dev                                what the node behind the Admin API counted since its start
  python -m ops status --stack dev --interval 10       only what is counted in the next 10 seconds
  python -m ops status --stack prod --node http://10.0.0.5:8100 --node http://10.0.0.6:8100
                                                       the sums of two nodes, by their Status APIs
  python -m ops status --stack dev --json | jq '.models[] | {name, hit_ratio}'

The edge's numbers are those of the last hour. They need the right cloudwatch:GetMetricData with CloudFront, the role
monitoring.viewer with Google.

exit code: 0 the numbers of all nodes are shown (the shared cache and the edge may be out of reach from here);
1 those of a node are not; 2 not possible with this command line or stack
"""


def add_options(command: argparse.ArgumentParser) -> None:
    """What `status` takes beside the stack."""
    command.formatter_class = argparse.RawDescriptionHelpFormatter
    command.epilog = EPILOG
    command.add_argument(
        "--node",
        type=_url,
        action="append",
        metavar="URL",
        help="a node's Status API, once for each node; by default the stack's Admin API, which shows its own node",
    )
    command.add_argument(
        "--interval", type=seconds_above_0, metavar="SECONDS", help="count only what happens in this time"
    )
    command.add_argument("--json", action="store_true", help="print the numbers as JSON")


def run(options: argparse.Namespace) -> int:
    """Run it; gives the exit code."""
    try:
        config = StackConfig.load(options.project_dir, options.stack)
    except (StackConfigError, SettingsError) as error:
        print(error, file=sys.stderr)
        return 2
    status = _status(config, options)
    if options.json:
        print(status_json(status))
    else:
        print_status(status, Console(highlight=False))
    return 0 if status.ok else 1


def _status(config: StackConfig, options: argparse.Namespace) -> Status:
    settings, names = config.settings, StackNames(config.project, config.stack)
    services = [names.kong_name(model.name) for model in settings.models]
    found = read_nodes(_nodes(config, options.node), services, _wait(options.interval))
    return Status(
        stack=config.stack,
        interval_seconds=options.interval,
        nodes=tuple(node_status(node, settings.dictionary) for node in found),
        models=model_statuses(settings.models, found),
        dictionary=settings.dictionary,
        shared_cache=_shared_cache(config, options),
        edge=_edge(config, options),
        edge_provider=settings.edge.provider,
        notes=(*_notes(config, options.node), *_strangers(config, found)),
    )


def _nodes(config: StackConfig, uris: list[str] | None) -> list[Node]:
    if uris:
        return [Node(uri, is_admin=False, tls_verify=config.tls_verify) for uri in dict.fromkeys(uris)]
    return [Node(config.admin_uri, is_admin=True, token=config.admin_token, tls_verify=config.tls_verify)]


def _notes(config: StackConfig, uris: list[str] | None) -> tuple[str, ...]:
    nodes = len(config.settings.kong.nodes)
    if uris or nodes < 2:
        return ()
    return (f"the stack has {nodes} nodes, this is one of them; name each by its Status API: --node URL",)


def _strangers(config: StackConfig, found: Sequence[NodeReading]) -> Iterator[str]:
    """Nodes that count other models only: 0 requests would tell nothing of what is wrong."""
    ours = {model.name for model in config.settings.models}
    for node in found:
        counted = node.reading.split("model").keys() if node.reading else set()
        if counted and not counted & ours:
            yield f"{node.name} counts other models only: is it a node of another stack?"


def _wait(seconds: float | None) -> Callable[[], None] | None:
    if seconds is None:
        return None

    def wait() -> None:
        with Console(stderr=True).status(f"counting for {seconds:g} s"):
            sleep(seconds)

    return wait


def _shared_cache(config: StackConfig, options: argparse.Namespace) -> CacheUsage | str | None:
    try:
        server = cache_server_of(config, options.project_dir, options.state_dir)
        return CacheUsage.of(server) if server else None
    except CacheServerError as error:
        return str(error)


def _edge(config: StackConfig, options: argparse.Namespace) -> EdgeTraffic | str | None:
    try:
        return traffic_of(config, options.project_dir, options.state_dir)
    except EdgeError as error:
        return str(error)


def _url(text: str) -> str:
    uri = text.rstrip("/").removesuffix("/metrics")
    try:
        parts = urlsplit(uri)
        is_url = parts.scheme in ("http", "https") and bool(parts.hostname) and not parts.query + parts.fragment
        is_url = is_url and parts.port != 0
    except ValueError:
        is_url = False
    if not is_url:
        raise argparse.ArgumentTypeError("it must be a URL such as http://10.0.0.5:8100")
    return uri
