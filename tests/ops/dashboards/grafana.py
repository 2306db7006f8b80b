"""What Grafana's own models of a dashboard say about one."""

from __future__ import annotations

import json
from itertools import combinations
from typing import Any

from grafana_foundation_sdk.cog.encoder import JSONEncoder
from grafana_foundation_sdk.cog.plugins import register_default_plugins
from grafana_foundation_sdk.models.dashboard import Dashboard

from ops.dashboards.panels import COLUMNS


def lost(given: Any, kept: Any, path: str = "") -> list[str]:
    """What is in `given` and not in `kept`."""
    if isinstance(given, dict) and isinstance(kept, dict):
        parts = [(value, kept.get(key), f"{path}.{key}") for key, value in given.items()]
    elif isinstance(given, list) and isinstance(kept, list) and len(given) == len(kept):
        parts = [(value, kept[place], f"{path}[{place}]") for place, value in enumerate(given)]
    else:
        return [] if given == kept else [f"{path}: {given} -> {kept}"]
    return [each for one, other, at in parts for each in lost(one, other, at)]


def encoded(model: Any) -> Any:
    """A model of the SDK as JSON."""
    return json.loads(JSONEncoder().encode(model))


def loaded(dashboard: dict[str, Any]) -> Dashboard:
    """The dashboard in Grafana's own model. Asserts that it knows every key."""
    register_default_plugins()
    model = Dashboard.from_json(dashboard)
    assert lost(dashboard, encoded(model)) == []
    return model


def assert_laid_out(dashboard: dict[str, Any]) -> None:
    """Panels have ids of their own, are on the grid and do not overlap."""
    panels = dashboard["panels"]
    assert len({panel["id"] for panel in panels}) == len(panels)
    for panel in panels:
        at = panel["gridPos"]
        assert at["x"] >= 0 and at["x"] + at["w"] <= COLUMNS and at["h"] > 0
    for one, other in combinations((panel["gridPos"] for panel in panels), 2):
        beside = one["x"] + one["w"] <= other["x"] or other["x"] + other["w"] <= one["x"]
        assert beside or one["y"] + one["h"] <= other["y"] or other["y"] + other["h"] <= one["y"]


def assert_asks_one_source(dashboard: dict[str, Any], kind: str) -> None:
    """Everything asks the data source that is chosen at the top."""
    (chosen, *variables) = dashboard["templating"]["list"]
    assert (chosen["type"], chosen["name"], chosen["query"]) == ("datasource", "datasource", kind)
    panels = [panel for panel in dashboard["panels"] if panel["type"] != "row"]
    asking = [*(variable for variable in variables if variable["type"] == "query"), *panels]
    asking += [target for panel in panels for target in panel["targets"]]
    assert all(each["datasource"] == {"type": kind, "uid": "${datasource}"} for each in asking)


def assert_explained(dashboard: dict[str, Any]) -> None:
    """Every panel says what it shows, and asks something."""
    panels = [panel for panel in dashboard["panels"] if panel["type"] != "row"]
    assert len({panel["title"] for panel in panels}) == len(panels)
    assert all(panel["description"].endswith(".") and panel["targets"] for panel in panels)
