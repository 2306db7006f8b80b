"""The edge of a stack, asked what went through it."""

from __future__ import annotations

import datetime
from functools import partial
from pathlib import Path

from local.deploy import engine_name, open_engine
from local.engine.errors import EngineError
from ops.cloudfront import CloudFront
from ops.edges import EdgeError
from ops.google_cdn import GoogleCdn
from ops.stack_config import StackConfig
from ops.status.cloud_monitoring import google_traffic
from ops.status.cloudwatch import cloudfront_traffic
from ops.status.edge_traffic import EdgeTraffic
from ops.status.in_time import answers_in_time

_STAND_IN_PROJECT = "local-stand-in."  # of the embedded engine's gcp provider
_STAND_IN = "the local stand-in has no metrics"
_LONGEST_SECONDS = 45.0


def traffic_of(config: StackConfig, project_dir: Path, state_dir: Path) -> EdgeTraffic | None:
    """In the last hour; None when the stack has no edge. Raises EdgeError."""
    edge, end = config.edge, datetime.datetime.now(datetime.UTC)
    if edge is None:
        return None
    if isinstance(edge, CloudFront):
        if not edge.signed:
            raise EdgeError(_STAND_IN)
        ask = partial(cloudfront_traffic, edge)
    else:
        assert isinstance(edge, GoogleCdn)
        if edge.project == _STAND_IN_PROJECT:
            raise EdgeError(_STAND_IN)
        ask = partial(google_traffic, edge)
    (traffic,) = answers_in_time(_LONGEST_SECONDS, [partial(ask, _edge_id(config, project_dir, state_dir), end)])
    if traffic is None:
        raise EdgeError(f"its cloud does not answer within {_LONGEST_SECONDS:g} s")
    return traffic


def _edge_id(config: StackConfig, project_dir: Path, state_dir: Path) -> str:
    """The distribution's id, or the name of the service or URL map. Raises EdgeError."""
    unknown = f"it is not deployed from here, so that its id is unknown: make up STACK={config.stack}"
    noted, kept = (state_dir / f"{config.stack}.engine").exists(), any(state_dir.glob(f"*/{config.stack}.json"))
    if not noted and not kept:
        raise EdgeError(unknown)
    try:
        engine = open_engine(engine_name(config.stack, state_dir), config.stack, state_dir, project_dir=project_dir)
        edge_id = engine.outputs().get("edgeId")
    except EngineError as error:
        raise EdgeError(str(error)) from error
    if not edge_id:
        raise EdgeError(unknown)
    return str(edge_id)
