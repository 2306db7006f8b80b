"""Which recorded exchanges of a real Kong the embedded one imitates, and why not the others."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

from local.kong.plugin_schemas import PLUGINS

Row = Mapping[str, Any]


def _plugin(row: Row) -> str | None:
    body = row["req"]["body"]
    return (
        body.get("name") if row["req"]["path"].split("?")[0].endswith("/plugins") and isinstance(body, dict) else None
    )


# (reason, does it apply to this row of this file); the first that applies decides.
RULES: tuple[tuple[str, Callable[[str, Row], bool]], ...] = (
    (
        "concurrent requests: the order of the answers is chance",
        lambda file, row: row["req"]["path"].startswith("/s1/stamp") and bool(row.get("flaky")),
    ),
    ("answers above 1 MiB: recorded without their body", lambda file, row: "_trimmed" in str(row["resp"]["body"])[:20]),
    ("differs from run to run on Kong itself: sent, not counted", lambda file, row: bool(row.get("flaky"))),
    (
        "connect time-out: the recorder's network answered that address",
        lambda file, row: file == "upstream" and row["req"]["path"].startswith("/ct"),
    ),
    (
        "a plugin that the components do not deploy",
        lambda file, row: (_plugin(row) or "nosuch") not in (*PLUGINS, "nosuch"),
    ),
    ("response-transformer: the components do not deploy it", lambda file, row: row["req"]["path"].startswith("/rt/x")),
    (
        "lists plugins that the components do not deploy",
        lambda file, row: row["req"]["path"] in ("/", "/services/svc/plugins?size=1000"),
    ),
    (
        "introspection and declarative config",
        lambda file, row: row["req"]["path"] in ("/endpoints", "/config", "/schemas/nope", "/schemas/plugins/nope"),
    ),
    (
        "equal routes with random ids: either may win",
        lambda file, row: file == "router" and row["req"]["path"].startswith("/t?"),
    ),
)


def out_of_scope(file: str, row: Row) -> str | None:
    """The reason why this recorded exchange is not imitated, or None."""
    return next((reason for reason, applies in RULES if applies(file, row)), None)
