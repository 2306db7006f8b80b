"""A stack that uses every plugin, and checks of it against the fake Admin API."""

from __future__ import annotations

from typing import Any

from ops.check import check
from ops.findings import Finding
from ops.names import StackNames
from ops.needs import Needs, needs_of
from settings import parse_settings
from tests.ops.fake_admin import FakeAdmin, serve

MODEL: dict[str, Any] = {"name": "digits", "version": "1", "endpoint": "http://127.0.0.1:8080/invocations"}
FULL_ACCESS = {"rateLimit": {"perSecond": 5}, "cors": {"origins": ["*"]}}
TAGS = ["project:edge", "stack:dev", "model:digits"]


def needs(*models: dict[str, Any], **others: Any) -> Needs:
    """The needs of stack dev of project edge, by default of one model with every plugin."""
    document = {"models": list(models) or [{**MODEL, "access": FULL_ACCESS}], **others}
    return needs_of(parse_settings(document), StackNames("edge", "dev"))


def findings(admin: FakeAdmin, wanted: Needs | None = None, **others: Any) -> list[Finding]:
    """What a check of this Kong finds."""
    with serve(admin):
        report = check(wanted or needs(), stack="dev", admin_uri=admin.uri, **{"token": None, **others})
    return list(report.findings)
