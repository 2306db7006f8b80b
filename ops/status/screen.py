"""The status of a stack on a terminal.

Names and labels are shown as they are: no markup in them is followed.
"""

from __future__ import annotations

from collections.abc import Iterator

from rich.console import Console
from rich.table import Table
from rich.text import Text

from ops.status.cache_usage import CacheUsage
from ops.status.edge_traffic import EdgeTraffic
from ops.status.model_status import Latency, ModelStatus, NodeShare, Verification
from ops.status.status import NodeStatus, Status
from ops.status.wording import counts, milliseconds, money, percent, shown, size

_ANSWERS = {
    "hit": "hits",
    "stale": "stale",
    "miss": "misses",
    "bypass": "bypasses",
    "refused": "refused",
    "failed": "failed",
    "off": "without a cache",
}
_STORED = "stored"
_LABEL_WIDTH = 14


def print_status(status: Status, console: Console) -> None:
    """What needs a person first, then a table of the models, details, and what they share."""
    for line in _first(status):
        console.print(line, soft_wrap=True)
    asked = [model for model in status.models if model.requests]
    if asked:
        console.print()
        console.print(_table(asked))
        console.print()
    for model in status.models:
        for line in _details(model, status):
            _print_indented(line, console)
    for line in _shared(status):
        console.print(line, soft_wrap=True)


def _print_indented(line: Text, console: Console) -> None:
    """On a terminal what goes on is below the text, not below its label; a pipe gets whole lines."""
    indent = Text(" " * (_LABEL_WIDTH + 2))
    if not console.is_terminal or line.cell_len <= console.width or console.width < 3 * len(indent):
        console.print(line, soft_wrap=True)
        return
    label, text = line.divide([len(indent)])
    for row in text.wrap(console, console.width - len(indent)):
        row.rstrip()
        console.print(label + row, soft_wrap=True)
        label = indent


def _first(status: Status) -> Iterator[Text]:
    for model in status.models:
        for cause, nodes in model.cache_off.items():
            where = "" if len(nodes) == len(model.nodes) else f" on {', '.join(map(shown, nodes))}"
            todo = f"look at the model, then: make purge STACK={shown(status.stack)} MODEL={shown(model.name)}"
            off = f"{shown(model.name)}: cache switched OFF by verification ({shown(cause)}){where}: {todo}"
            yield Text(off, "bold red")
    count = f"{len(status.nodes)} node{'' if len(status.nodes) == 1 else 's'}"
    of_all = count if status.ok else f"{status.reached} of {count}"
    start = "its start" if len(status.nodes) == 1 else "their start"
    since = f"since {start}" if status.interval_seconds is None else f"in {status.interval_seconds:g} s"
    told = f"what {of_all} of Kong counted {since}" if status.reached else "no numbers, as no node of Kong gives any"
    yield Text(f"Stack {shown(status.stack)}: {told}.")
    for node in status.nodes:
        yield from _node(node)
    for note in status.notes:
        yield Text(f"  ! {shown(note)}", "yellow")


def _node(node: NodeStatus) -> Iterator[Text]:
    if node.problem is not None:
        yield Text(f"  x {shown(node.name)}: {shown(node.problem.message)}", "red")
        yield Text(f"      {node.problem.fix}", "dim")
    if node.was_restarted:
        changed = "has restarted meanwhile, or another node answers there"
        yield Text(f"  ! {shown(node.name)} {changed}: its numbers are those since that node's start", "yellow")


def _table(models: list[ModelStatus]) -> Table:
    table = Table(box=None, pad_edge=False, header_style="bold")
    table.add_column("Model and\nversion", overflow="fold")
    for heading in ("Requests", "Hit\nratio", "Hits, ms\np50/p95/p99", "Misses, ms\np50/p95/p99"):
        table.add_column(heading, justify="right", overflow="fold")
    for heading in ("Calls\nsaved", "Money\nsaved"):
        table.add_column(heading, justify="right", overflow="fold")
    for model in models:
        cells = (
            " ".join(filter(None, (model.name, model.version))),
            f"{model.requests:,}",
            percent(model.hit_ratio) if model.is_cached else "no cache",
            _quantiles(model.hit_ms),
            _quantiles(model.miss_ms),
            f"{model.saved.calls:,}",
            money(model.saved.money, model.saved.currency),
        )
        table.add_row(*(Text(shown(cell)) for cell in cells))
    return table


def _quantiles(latency: Latency) -> str:
    if latency.p50 is None:
        return "-"
    return "/".join(map(milliseconds, (latency.p50, latency.p95, latency.p99)))


def _details(model: ModelStatus, status: Status) -> Iterator[Text]:
    if not model.requests:
        when = "yet" if status.interval_seconds is None else f"in these {status.interval_seconds:g} s"
        yield Text.assemble((shown(model.name), "bold"), f": no requests {when}")
        return
    yield Text(shown(model.name), "bold")
    yield _line("answers", _answers(model))
    if model.is_cached:
        yield from _cache_details(model)
    versions = model.versions
    if len(versions) > 1 or model.version not in (None, *versions):
        yield _line("versions", f"{_versions(versions)}; the stack's config has {shown(model.version or 'none')}")
    if model.nodes_differ:
        for share in model.nodes:
            yield _line("node", _share(share), bool(share.cache_off))


def _cache_details(model: ModelStatus) -> Iterator[Text]:
    not_kept = {detail: count for detail, count in model.outcomes["miss"].items() if detail != _STORED}
    if not_kept:
        yield _line("not kept", counts(not_kept))
    if model.outcomes["bypass"]:
        yield _line("bypasses", counts(model.outcomes["bypass"]))
    if model.saved.price is not None:
        unknown = "unknown until a miss tells how long a call takes: " if model.saved.money is None else ""
        yield _line("money", f"{unknown}at {model.saved.price} as of {model.saved.as_of}")
    failures = f"store errors: {counts(model.store_failures)}" if model.store_failures else "no store errors"
    waits = f"{model.waits:,} waited for another's answer"
    yield _line("store", f"{model.evictions:,} evictions, {waits}, {failures}", bool(model.store_failures))
    verification = model.verification
    if model.is_verified or verification.comparisons or verification.failed:
        yield _line("verification", _verification(verification), bool(verification.mismatches))


def _line(label: str, text: str, is_notable: bool = False) -> Text:
    return Text.assemble((f"  {label:<{_LABEL_WIDTH}}", "dim"), (text, "yellow" if is_notable else ""))


def _answers(model: ModelStatus) -> str:
    parts = []
    for outcome, words in _ANSWERS.items():
        count = model.answered(outcome)
        details = {detail: count for detail, count in model.outcomes[outcome].items() if detail}
        told_below = outcome in ("miss", "bypass")
        if count:
            parts.append(f"{words} {count:,}" + (f" ({counts(details)})" if details and not told_below else ""))
    return ", ".join(parts)


def _verification(verification: Verification) -> str:
    parts = [f"{verification.comparisons:,} comparisons"]
    if verification.comparisons:
        low, high = map(percent, verification.mismatch_interval)
        ratio = percent(verification.mismatches / verification.comparisons)
        parts.append(f"mismatch ratio {ratio} (with 95 % confidence {low} to {high})")
    if verification.wrong:
        parts.append(f"{verification.wrong:,} wrong")
    if verification.nondeterministic:
        parts.append(f"{verification.nondeterministic:,} nondeterministic (asked again, the model differs from itself)")
    if verification.failed:
        parts.append(f"{verification.failed:,} without a comparable answer")
    if verification.skipped:
        parts.append(f"skipped: {counts(verification.skipped)}")
    return ", ".join(parts)


def _share(share: NodeShare) -> str:
    off = f", cache OFF ({', '.join(map(shown, share.cache_off))})" if share.cache_off else ""
    versions = f", {_versions(share.versions)}" if share.versions else ""
    return f"{shown(share.node)}: {share.requests:,} requests, hit ratio {percent(share.hit_ratio)}{versions}{off}"


def _versions(requests: dict[str, int]) -> str:
    return ", ".join(f"version {shown(version)}: {count:,}" for version, count in requests.items())


def _shared(status: Status) -> Iterator[Text]:
    told = [node for node in status.nodes if node.dictionary_bytes]
    for node in told:
        used = f"{size(node.dictionary_used_bytes)} of {size(node.dictionary_bytes)}"
        share = percent(node.dictionary_used_bytes / node.dictionary_bytes)
        where = f" at {shown(node.name)}" if len(status.nodes) > 1 else ""
        yield Text(f"Dictionary {shown(status.dictionary)}{where}: {used} used ({share})")
    cache, edge = status.shared_cache, status.edge
    if isinstance(cache, CacheUsage):
        limit = f" of {size(cache.max_bytes)}" if cache.max_bytes else ""
        used = f"{size(cache.used_bytes)}{limit} used, {cache.evicted_keys:,} keys evicted since its start"
        yield Text(f"Shared cache {shown(cache.address)}: {used}")
    elif cache is not None:
        yield Text(f"Shared cache: not known from here, {shown(cache)}", "yellow")
    if isinstance(edge, EdgeTraffic):
        yield Text(f"Edge {status.edge_provider} {shown(edge.edge_id)}, last hour: {_traffic(edge)}")
    elif edge is not None:
        yield Text(f"Edge {status.edge_provider}: no numbers, {shown(edge)}", "yellow")


def _traffic(edge: EdgeTraffic) -> str:
    if not edge.requests:
        return "no requests"
    parts = [f"{edge.requests:,} requests"]
    if edge.hit_ratio is None and not edge.by_result:
        parts.append("hit ratio unknown (CloudFront's additional metrics are off: edge.alarms)")
    else:
        parts.append(f"hit ratio {percent(edge.hit_ratio)}")
    if edge.by_result:
        parts[-1] += f" ({counts(edge.by_result)})"
    parts.append(f"4xx {percent(edge.client_error_ratio)}, 5xx {percent(edge.server_error_ratio)}")
    if edge.origin_p90_ms is not None:
        parts.append(f"9 of 10 answers of the gateway within {milliseconds(edge.origin_p90_ms)} ms")
    return ", ".join(parts)
