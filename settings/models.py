"""The stack config as frozen pydantic models: the whole of it, its models and its consumers.

Rules about one value are in its type (``field_types.py``, ``values.py``); rules about several values are in
``rules.py``. The larger sections have modules of their own: ``cache_models.py``, ``verify_models.py``,
``cost_models.py``, ``access_models.py``, ``origin_models.py``, ``pool_models.py``, ``router_models.py``,
``edge_models.py``, ``kong_models.py``, ``shared_cache_models.py``.
"""

from __future__ import annotations

from typing import Annotated, Any

from pydantic import ConfigDict, Field, SecretStr, model_validator

from components.gateway.arguments import POOL_RETRIES, RETRIES
from components.gateway.functions import connecting_attempts

from .access_models import AccessSettings
from .cache_models import CacheSettings
from .cost_models import CostSettings
from .derived_defaults import with_derived_defaults
from .edge_models import EdgeSettings
from .field_types import Decimal, Items, Text, Whole
from .kong_models import KongSettings
from .origin_models import SageMakerSettings
from .pool_models import ModelPoolSettings, PoolSettings
from .router_models import RouterSettings
from .section import Section, without_default
from .shared_cache_models import SharedCacheSettings
from .values import API_KEY, HOST_NAME, NAME, ROUTE_PATH, URL, VERSION


class RouteSettings(Section):
    """Where clients reach the model on the gateway."""

    path: Annotated[str, ROUTE_PATH] = Field(default="/", json_schema_extra=without_default)
    """The exact path; by default /<name>/predict."""
    hosts: Annotated[tuple[Annotated[str, HOST_NAME], ...], Items(0, 20, "host names")] = ()
    """Host names that reach this model; by default any host."""
    https_only: bool = False
    """Answer plain HTTP with 426 instead of a prediction."""


class TimeoutSettings(Section):
    """How long the gateway waits for the model, each in seconds."""

    connect_seconds: Annotated[float, Decimal(0.001, 3_600, "seconds")] = 5
    """Until the connection is made."""
    read_seconds: Annotated[float, Decimal(0.001, 3_600, "seconds")] = 60
    """Between two reads of the answer."""
    write_seconds: Annotated[float, Decimal(0.001, 3_600, "seconds")] = 60
    """Between two writes of the request."""
    stream_seconds: Annotated[float, Decimal(0.001, 3_600, "seconds")] | None = None
    """The longest silence of a streamed answer, before its first and between later bytes; by default readSeconds."""


class ModelSettings(Section):
    """One model behind the gateway; exactly one of endpoint, sagemaker and pool."""

    model_config = ConfigDict(
        json_schema_extra={
            "oneOf": [{"required": ["endpoint"]}, {"required": ["sagemaker"]}, {"required": ["pool"]}],
            "anyOf": [{"required": ["version"]}, {"required": ["sagemaker"]}],
        }
    )

    name: Annotated[str, NAME]
    """The model's name, unique in the stack."""
    version: Annotated[str, VERSION] | None = None
    """Part of the key: no other version answers with its predictions. By default sagemaker.endpoint.configName."""
    endpoint: Annotated[str, URL] | None = None
    """The URL that takes the predictions' POST requests; or sagemaker, or pool."""
    sagemaker: SageMakerSettings | None = None
    """A SageMaker endpoint instead of a URL."""
    pool: ModelPoolSettings | None = None
    """One of pools instead of a URL."""
    route: RouteSettings = Field(default_factory=RouteSettings)
    """Where clients reach the model on the gateway."""
    cache: CacheSettings = Field(default_factory=CacheSettings)
    """What is cached, for how long, and what is part of the key."""
    cost: CostSettings | None = None
    """What its calls cost; by default unknown, and what the cache saves is told in calls alone."""
    access: AccessSettings = Field(default_factory=AccessSettings)
    """Who may call the model, how often, and with how much."""
    timeouts: TimeoutSettings = Field(default_factory=TimeoutSettings)
    """How long the gateway waits for the model."""
    retries: Annotated[int, Whole(0, 100)] = Field(
        default_factory=lambda data: POOL_RETRIES if data["pool"] else RETRIES
    )
    """More attempts when the model cannot be connected to, with kong.repeatsLostRequests also for lost requests; by
    default 1, with a pool 100 (one target may be tried until all of Kong's workers know that it is gone), with a pool
    and kong.repeatsLostRequests 10: a request that breaks its connection is sent at most 11 times."""

    @property
    def slow_attempts(self) -> int:
        """How many attempts may take their whole time."""
        return connecting_attempts(self.retries, self.pool is not None)

    @model_validator(mode="before")
    @classmethod
    def _route_by_name(cls, data: Any) -> Any:
        if not isinstance(data, dict) or not isinstance(data.get("route", {}), dict):
            return data
        name = data.get("name")
        path = f"/{name}/predict" if isinstance(name, str) and NAME.matches(name) else "/"
        return {**data, "route": {"path": path, **data.get("route", {})}}


class ConsumerSettings(Section):
    """One caller with a key."""

    name: Annotated[str, NAME]
    """The consumer's name, unique in the stack."""
    key: Annotated[SecretStr, API_KEY] | None = None
    """The API key, encrypted by `pulumi config set --secret`; by default one is generated."""
    models: Annotated[tuple[Annotated[str, NAME], ...], Items(1, 1000, "model names")] | None = None
    """The key-auth models this consumer may call; by default all of them."""


class Settings(Section):
    """The whole stack config; ``load_settings`` and ``parse_settings`` make it and check the rules of ``rules.py``."""

    gateway_url: Annotated[str, URL] = "http://localhost:8000"
    """The base of the predict URLs in the stack's outputs."""
    dictionary: Annotated[
        str,
        Text(
            r"(?!kong|prometheus_metrics$)[A-Za-z][A-Za-z0-9_]{0,63}",
            "the name of an nginx shared dictionary of its own: letters, digits and _, not one of Kong's (kong...)",
        ),
    ] = "prediction_cache"
    """The nginx shared dictionary that holds the cached answers."""
    kong: KongSettings = Field(default_factory=KongSettings)
    """The Kong cluster that the models are on."""
    shared_cache: SharedCacheSettings | None = None
    """The Redis or Valkey server of models with cache.store redis."""
    edge: EdgeSettings = Field(default_factory=EdgeSettings)
    """By default callers reach Kong itself."""
    pools: Annotated[tuple[PoolSettings, ...], Items(0, 1000, "pools")] = ()
    """Replicas behind one address, for models with pool."""
    models: Annotated[tuple[ModelSettings, ...], Items(1, 1000, "models")]
    """The models behind the gateway, at least one."""
    router: RouterSettings | None = None
    """By default each model has its own path alone."""
    consumers: Annotated[tuple[ConsumerSettings, ...], Items(0, 1000, "consumers")] = Field(
        default_factory=lambda data: (
            (ConsumerSettings(name="default"),) if any(m.access.mode == "key-auth" for m in data["models"]) else ()
        )
    )
    """Who may call the key-auth models; by default one consumer named default with a generated key."""

    def consumers_of(self, model: ModelSettings) -> tuple[ConsumerSettings, ...]:
        """The consumers that may call ``model``: none unless its access mode is key-auth."""
        if model.access.mode != "key-auth":
            return ()
        return tuple(c for c in self.consumers if c.models is None or model.name in c.models)

    def longest_wait_seconds(self, model: ModelSettings) -> float:
        """What Kong waits at most for the model's first byte: only connecting is tried again, unless Kong repeats."""
        waits, attempts = model.timeouts, model.slow_attempts
        answer = max(waits.read_seconds, waits.stream_seconds or 0)
        return attempts * waits.connect_seconds + (attempts if self.kong.repeats_lost_requests else 1) * answer

    @model_validator(mode="before")
    @classmethod
    def _derived_defaults(cls, data: Any) -> Any:
        return with_derived_defaults(data)
