"""An engine in process that deploys Pulumi Python programs where the pulumi CLI is not installed."""

from local.engine.engine import EmbeddedEngine
from local.engine.errors import EngineError, Interrupted
from local.engine.results import Event, Result, Step
from local.engine.values import Secret

__all__ = ["EmbeddedEngine", "EngineError", "Event", "Interrupted", "Result", "Secret", "Step"]
