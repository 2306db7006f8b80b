"""What a stack's config file says about the local world, and the same config with the addresses of another one."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import yaml

from local.engine import Secret
from local.missing_stack import missing_stack
from settings.models import Settings

ADMIN_URI = "kong:kongAdminUri"
GATEWAY_URL = "inference-edge:gatewayUrl"
MODELS = "inference-edge:models"
EDGE = "inference-edge:edge"
SHARED_CACHE = "inference-edge:sharedCache"
POOLS = "inference-edge:pools"
ROUTER = "inference-edge:router"
KONG = "inference-edge:kong"
AWS_ENDPOINTS = "aws:endpoints"
GCP_ENDPOINTS = ("gcp:networkServicesCustomEndpoint", "gcp:computeCustomEndpoint")
_LOOPBACK = ("127.0.0.1", "localhost", "::1")
_DEFAULT_GATEWAY_URL = str(Settings.model_fields["gateway_url"].default)


class StackFileError(RuntimeError):
    """The stack's config file is missing, is not YAML, or names no local addresses; the text is for a person."""


class StackFile:
    """The config of Pulumi.<stack>.yaml, and below it that of Pulumi.yaml, as plain values.

    Usage:
        stack = StackFile(Path("."), "dev")
        stack.admin_port, stack.proxy_port, stack.model_port, stack.edge_port, stack.redis_port
        stack.replicas      # {"large-1": 8081, "large-2": 8082}: of its pools on this machine
        stack.moved(admin="http://127.0.0.1:4001", proxy="http://127.0.0.1:4000", endpoint="http://…", version="2")

    Raises StackFileError for a file that cannot be read, lacks an address.
    """

    def __init__(self, project_dir: Path, stack: str) -> None:
        self.path = project_dir / f"Pulumi.{stack}.yaml"
        if not self.path.exists():
            raise StackFileError(missing_stack(project_dir, stack))
        project = _config(project_dir / "Pulumi.yaml")
        self.config = {**{key: _project_value(value) for key, value in project.items()}, **_config(self.path)}

    def require_local(self) -> StackFile:
        """Return this one; raise StackFileError when its gateway is not on this machine."""
        url = self.config.get(GATEWAY_URL, _DEFAULT_GATEWAY_URL)
        if not _is_local(url):
            raise StackFileError(
                f"{self.path.name}: {GATEWAY_URL} is {url}; what runs here is a stack whose gateway is on this "
                "machine, such as dev"
            )
        return self

    @property
    def admin_port(self) -> int:
        """Port of the Admin API."""
        return self._port(ADMIN_URI, self.config.get(ADMIN_URI))

    @property
    def proxy_port(self) -> int:
        """Port of the gateway's proxy."""
        return self._port(GATEWAY_URL, self.config.get(GATEWAY_URL, _DEFAULT_GATEWAY_URL))

    @property
    def model_port(self) -> int | None:
        """Port of the first model's endpoint; None where a pool or another machine answers for it."""
        first = self._models()[0]
        url = first.get("endpoint")
        if "pool" in first or (isinstance(url, str) and not _is_local(url)):
            return None
        return self._port(f"{MODELS}[0].endpoint", url)

    @property
    def replicas(self) -> dict[str, int]:
        """Port of each replica on this machine by its name: its pool's and its number, as large-1."""
        return {
            f"{pool.get('name')}-{number}": self._port(f"{POOLS}, a target of {pool.get('name')},", url)
            for pool in self._pools()
            for number, url in enumerate(self._target_urls(pool), start=1)
            if _is_local(url)
        }

    @property
    def repeats_lost_requests(self) -> bool:
        """Whether its Kong nodes send a request again whose connection broke before the answer began."""
        return bool((self.config.get(KONG) or {}).get("repeatsLostRequests"))

    @property
    def edge_port(self) -> int | None:
        """Admin port of the local edge; None for a stack without an edge on this machine."""
        ports = {self._port(setting, url): setting for setting, url in self._edge_addresses().items() if _is_local(url)}
        if len(ports) > 1:
            found = " and ".join(ports.values())
            raise StackFileError(f"{self.path.name}: {found} must have the same port: there is one local edge")
        return next(iter(ports), None)

    @property
    def redis_port(self) -> int | None:
        """Port of the shared cache; None for a stack without one on this machine."""
        url = (self.config.get(SHARED_CACHE) or {}).get("url")
        return self._port(f"{SHARED_CACHE}.url", url) if _is_local(url) else None

    @property
    def edge_provider(self) -> str:
        """The provider of the edge, such as media-cdn; none without an edge."""
        return str((self.config.get(EDGE) or {}).get("provider", "none"))

    @property
    def edge_host(self) -> str:
        """Name that callers know the edge by, its first alias; "" without one."""
        aliases = (self.config.get(EDGE) or {}).get("aliases")
        return str(aliases[0]) if aliases else ""

    @property
    def predict_path(self) -> str:
        """Path of the first model at the gateway and at the edge."""
        first = self._models()[0]
        return (first.get("route") or {}).get("path") or f"/{first.get('name')}/predict"

    @property
    def entry(self) -> tuple[str, str]:
        """The path to ask, and the model to name there: those of the router, or of the first model without one."""
        router = self.config.get(ROUTER) or {}
        paths, models = router.get("paths") or [self.predict_path], router.get("models") or self._models()
        return str(paths[0]), str(models[0].get("name"))

    def moved(
        self,
        admin: str,
        proxy: str,
        endpoint: str,
        version: str,
        edge_admin: str = "",
        redis_url: str = "",
        redis_password: str = "",
    ) -> dict[str, Any]:
        """Return the config keys that change when the stack's first model runs in another local world.

        edge_admin: admin URL of that world's edge, whose origin is the gateway at `proxy`. redis_url: of that world's
        shared cache, without credentials. redis_password: becomes a Secret, which only the embedded engine takes.
        """
        first, *others = self._models()
        models = [{**first, "endpoint": endpoint, "version": version}, *others]
        changed: dict[str, Any] = {ADMIN_URI: admin, GATEWAY_URL: proxy, MODELS: models}
        if edge_admin:
            edge = self.config.get(EDGE) or {}
            origin = {"domain": "localhost", "protocol": "http", "port": self._port("proxy", proxy)}
            changed[EDGE] = {**edge, "origin": {**(edge.get("origin") or {}), **origin}}
            if AWS_ENDPOINTS in self.config:
                changed[AWS_ENDPOINTS] = [
                    {**endpoint, "cloudfront": edge_admin} if endpoint.get("cloudfront") else endpoint
                    for endpoint in self._aws_endpoints()
                ]
            for setting in GCP_ENDPOINTS:
                if setting in self.config:
                    changed[setting] = edge_admin + urlsplit(str(self.config[setting])).path
        if redis_url:
            password = {"password": Secret(redis_password)} if redis_password else {}
            changed[SHARED_CACHE] = {**self.config.get(SHARED_CACHE, {}), "url": redis_url, **password}
        return changed

    def with_pools(self, admin: str, proxy: str, changed: Mapping[str, Mapping[str, Any]]) -> dict[str, Any]:
        """Return the config keys that change when the stack's pools run in another local world.

        changed: by the name of a pool, settings that take the place of the file's; None takes one away.
        """
        pools = [{**pool, **changed.get(pool["name"], {})} for pool in self._pools()]
        kept = [{key: value for key, value in pool.items() if value is not None} for pool in pools]
        return {ADMIN_URI: admin, GATEWAY_URL: proxy, POOLS: kept}

    def _edge_addresses(self) -> dict[str, Any]:
        """Where the resources of an edge are sent, by the setting that says so."""
        found = [endpoint["cloudfront"] for endpoint in self._aws_endpoints() if endpoint.get("cloudfront")]
        google = {setting: self.config[setting] for setting in GCP_ENDPOINTS if self.config.get(setting)}
        return {**({f"{AWS_ENDPOINTS} (cloudfront)": found[0]} if found else {}), **google}

    def _aws_endpoints(self) -> list[dict[str, Any]]:
        endpoints = self.config.get(AWS_ENDPOINTS) or []
        if not isinstance(endpoints, list) or not all(isinstance(endpoint, dict) for endpoint in endpoints):
            raise StackFileError(
                f"{self.path.name}: {AWS_ENDPOINTS} must be a list like [{{cloudfront: http://127.0.0.1:8002}}]"
            )
        return endpoints

    def _pools(self) -> list[dict[str, Any]]:
        pools = self.config.get(POOLS) or []
        if not isinstance(pools, list) or not all(isinstance(pool, dict) for pool in pools):
            raise StackFileError(f"{self.path.name}: {POOLS} must be a list of pools")
        return pools

    def _target_urls(self, pool: Mapping[str, Any]) -> list[str]:
        targets = pool.get("targets") or []
        if not isinstance(targets, list) or not all(isinstance(target, dict) for target in targets):
            raise StackFileError(
                f"{self.path.name}: targets of a pool must be a list like [{{address: 127.0.0.1:8081}}]"
            )
        return [f"http://{target.get('address')}" for target in targets]

    def _models(self) -> list[dict[str, Any]]:
        models = self.config.get(MODELS)
        if not isinstance(models, list) or not models or not isinstance(models[0], dict):
            raise StackFileError(f"{self.path.name}: {MODELS} must list at least one model")
        return models

    def _port(self, key: str, url: Any) -> int:
        try:
            port = urlsplit(url).port if isinstance(url, str) else None
        except ValueError:
            port = None
        if port is None:
            raise StackFileError(f"{self.path.name}: {key} must be a URL with a port, like http://127.0.0.1:PORT")
        return port


def _is_local(url: Any) -> bool:
    return urlsplit(str(url)).hostname in _LOOPBACK


def _project_value(value: Any) -> Any:
    """Return the value of a key of Pulumi.yaml, where it may stand under `value` or `default`."""
    return value.get("value", value.get("default")) if isinstance(value, dict) else value


def _config(path: Path) -> dict[str, Any]:
    try:
        document = yaml.safe_load(path.read_text())
    except OSError as error:
        raise StackFileError(f"{path} cannot be read: {error.strerror}") from None
    except yaml.YAMLError as error:
        raise StackFileError(f"{path.name} is not YAML: {' '.join(str(error).split())}") from None
    config = document.get("config", {}) if isinstance(document, dict) else None
    if not isinstance(config, dict):
        raise StackFileError(f"{path.name}: config must be a mapping of keys to values")
    return config
