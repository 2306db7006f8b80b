"""The parts of a Grafana dashboard, as its JSON has them (schemaVersion 39: Grafana 10.4 and later)."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Literal, Protocol

SCHEMA_VERSION = 39
COLUMNS = 24
_HEIGHTS = {"timeseries": 8, "table": 8, "stat": 4}


class Target(Protocol):
    """One question to a data source."""

    def keys(self, kind: str) -> Mapping[str, Any]:
        """Its keys in the JSON of a panel of that kind."""
        ...


@dataclass(frozen=True)
class Query:
    """A PromQL expression, and how its series are called in the legend."""

    expression: str
    legend: str

    def keys(self, kind: str) -> Mapping[str, Any]:
        if kind == "timeseries":
            return {"expr": self.expression, "legendFormat": self.legend, "range": True}
        shape = {"format": "table"} if kind == "table" else {}
        return {"expr": self.expression, "legendFormat": self.legend, "range": False, "instant": True, **shape}


@dataclass(frozen=True)
class Panel:
    """A chart over time of one or more queries, or their values now as big numbers (stat) or rows (table).

    ``unit`` is one of Grafana's: reqps, ms, percentunit, short.
    """

    title: str
    description: str
    unit: str
    queries: tuple[Target, ...]
    stacked: bool = False
    limit: float | None = None
    """Drawn as a line: what the alert of the same name is about. A big number gets red there."""
    kind: Literal["timeseries", "stat", "table"] = "timeseries"


@dataclass(frozen=True)
class Row:
    """Panels that stand beside each other under a heading."""

    title: str
    panels: tuple[Panel, ...]


@dataclass(frozen=True)
class Variable:
    """A list to choose from at the top: the values of a label, or whatever the data source gives for the query."""

    name: str
    query: str | Mapping[str, Any]
    several: bool = True


@dataclass(frozen=True)
class TextVariable:
    """A field to type in at the top, with what is in it at first."""

    name: str
    text: str


def dashboard(
    uid: str,
    title: str,
    rows: Sequence[Row],
    variables: Sequence[Variable | TextVariable],
    *,
    source: str = "prometheus",
) -> str:
    """The JSON of the whole dashboard, for Grafana's import or a provisioned folder.

    ``source`` is the kind of the data source: the id of Grafana's plugin. Grafana offers those that there are.
    """
    asked = {"type": source, "uid": "${datasource}"}
    chosen = {"type": "datasource", "name": "datasource", "label": "Data source", "query": source}
    made = {
        "uid": uid,
        "title": title,
        "tags": ["inference-edge"],
        "schemaVersion": SCHEMA_VERSION,
        "editable": True,
        "graphTooltip": 1,
        "time": {"from": "now-1h", "to": "now"},
        "refresh": "30s",
        "templating": {"list": [chosen, *(_variable(variable, asked) for variable in variables)]},
        "panels": list(_placed(rows, asked)),
    }
    return json.dumps(made, indent=2) + "\n"


def _placed(rows: Sequence[Row], source: Mapping[str, str]) -> Iterator[dict[str, Any]]:
    number, y = 1, 0
    for row in rows:
        yield {
            "id": number,
            "type": "row",
            "title": row.title,
            "collapsed": False,
            "panels": [],
            "gridPos": {"x": 0, "y": y, "w": COLUMNS, "h": 1},
        }
        width = COLUMNS // len(row.panels)
        height = max(_HEIGHTS[panel.kind] for panel in row.panels)
        for place, panel in enumerate(row.panels):
            at = {"x": place * width, "y": y + 1, "w": width, "h": height}
            yield _panel(number + 1 + place, panel, at, source)
        number += 1 + len(row.panels)
        y += 1 + height


def _panel(number: int, panel: Panel, at: dict[str, int], source: Mapping[str, str]) -> dict[str, Any]:
    return {
        "id": number,
        "type": panel.kind,
        "title": panel.title,
        "description": panel.description,
        "datasource": source,
        "gridPos": at,
        "targets": [
            {"refId": chr(ord("A") + place), "datasource": source, **query.keys(panel.kind)}
            for place, query in enumerate(panel.queries)
        ],
        **_OF_THE_KIND[panel.kind](panel),
    }


def _chart(panel: Panel) -> dict[str, Any]:
    custom: dict[str, Any] = {"fillOpacity": 10, "showPoints": "never"}
    if panel.stacked:
        custom["stacking"] = {"mode": "normal", "group": "A"}
    if panel.limit is not None:
        custom["thresholdsStyle"] = {"mode": "line"}
    return {
        "fieldConfig": {
            "defaults": {"unit": panel.unit, "min": 0, "custom": custom, "thresholds": _thresholds(panel)},
            "overrides": [],
        },
        "options": {
            "legend": {"displayMode": "list", "placement": "bottom", "showLegend": True, "calcs": []},
            "tooltip": {"mode": "multi", "sort": "desc"},
        },
    }


def _stat(panel: Panel) -> dict[str, Any]:
    return {
        "fieldConfig": {"defaults": {"unit": panel.unit, "thresholds": _thresholds(panel)}, "overrides": []},
        "options": {
            "reduceOptions": {"values": False, "calcs": ["lastNotNull"], "fields": ""},
            "colorMode": "value",
            "graphMode": "none",
            "justifyMode": "auto",
            "orientation": "auto",
            "textMode": "value_and_name",
        },
    }


def _table(panel: Panel) -> dict[str, Any]:
    without_time = {"excludeByName": {"Time": True}, "indexByName": {}, "renameByName": {}}
    return {
        "fieldConfig": {"defaults": {"unit": panel.unit, "thresholds": _thresholds(panel)}, "overrides": []},
        "options": {"showHeader": True},
        "transformations": [{"id": "organize", "options": without_time}],
    }


_OF_THE_KIND = {"timeseries": _chart, "stat": _stat, "table": _table}


def _thresholds(panel: Panel) -> dict[str, Any]:
    steps: list[dict[str, Any]] = [{"color": "green", "value": None}]
    if panel.limit is not None:
        steps.append({"color": "red", "value": panel.limit})
    return {"mode": "absolute", "steps": steps}


def _variable(variable: Variable | TextVariable, source: Mapping[str, str]) -> dict[str, Any]:
    if isinstance(variable, TextVariable):
        field = {"text": variable.text, "value": variable.text}
        return {"type": "textbox", "name": variable.name, "query": variable.text, "current": field, "options": [field]}
    made = {
        "type": "query",
        "name": variable.name,
        "datasource": source,
        "query": variable.query,
        "refresh": 2,
        "multi": variable.several,
        "includeAll": variable.several,
        "sort": 1,
    }
    if variable.several:
        made |= {"allValue": ".+", "current": {"text": ["All"], "value": ["$__all"]}}
    return made
