"""InferencePool: replicas of the same thing behind one host name of the gateway."""

from typing import Any, Optional

import pulumi
import pulumi_kong as kong

from .. import naming
from ..camel_case import camel_case
from . import arguments as defaults
from .arguments import AFFINITY_HEADER, BalancingAlgorithm, InferencePoolArgs
from .checks import check_arguments, checked, discovery_key, kong_address, target_key, weight_of

_WELL = [200, 204]
_ILL = [404, 429, 500, 501, 502, 503, 504, 505]
_PORTS = {"http": 80, "https": 443}  # each target has its own


class InferencePool(pulumi.ComponentResource):
    """A Kong upstream and its targets, which are checked all the time.

        pool = InferencePool("chat", {"name": "chat", "targets": [{"address": "10.0.3.7:8080"},
                                                                  {"address": "10.0.3.8:8080", "weight": 1}]})
        KongCachedRoute("words", {..., "endpoint": pulumi.Output.concat(pool.url, "/words"), "pool": {"name": "chat"}})

    A target that refuses a connection is left out at once, and the request goes to another one: it has not been read by
    anybody. What was sent is not sent again, unless Kong's nodes are set so. An ill target comes back as soon as its
    check succeeds; without any well one the answer is 503. How often is tried is the service's to say (`retries`). With
    a header to hash, Kong offers a request the same target until its workers have heard that it is dead: 20 tries of
    a refused connection were too few now and then, 50 were not.

    The provider has no `algorithm`: Kong's own round-robin is that of an upstream that hashes nothing. The other two
    hash the header that a KongCachedRoute with this pool sets to make its choice. Requests of other services have no
    such header and are spread by the caller's address, since Kong would send all of them to one target.

    A target of weight 0 is taken out of the upstream, for the provider does not send a 0. Another weight takes the
    target out for a moment (the provider cannot change it), one after the other, so that the rest of the pool is there.
    `host_header` can be changed but not taken away: the provider never sends that either. Raises ArgumentError when a
    known argument is wrong.
    """

    TYPE = "inference-edge:index:InferencePool"

    upstream_id: pulumi.Output[str]
    """Kong's id of the upstream."""
    upstream: pulumi.Output[str]
    """The host name that stands for the targets, in the gateway alone."""
    url: pulumi.Output[str]
    """What a service's URL begins with: protocol, the upstream's name and a port."""

    def __init__(self, name: str, args: InferencePoolArgs, opts: Optional[pulumi.ResourceOptions] = None) -> None:
        check_arguments(args)
        super().__init__(self.TYPE, name, camel_case({**args}), opts)
        self._name, self._args = name, args
        self._protocol = _word(args.get("protocol"), "http")
        self._tags = [*naming.stack_tags(), f"pool:{args['name']}"]

        upstream = self._upstream()
        self._targets(upstream)

        self.upstream_id = upstream.id
        self.upstream = upstream.name
        self.url = pulumi.Output.concat(self._protocol, "://", upstream.name, f":{_PORTS[self._protocol]}")
        self.register_outputs({"upstreamId": self.upstream_id, "upstream": self.upstream, "url": self.url})

    def _upstream(self) -> kong.Upstream:
        args = self._args
        hashes = _algorithm(args) != BalancingAlgorithm.ROUND_ROBIN.value
        host_header = args.get("host_header")
        return kong.Upstream(
            f"{self._name}-upstream",
            name=naming.kong_name(f"{args['name']}-pool").lower(),  # as a URL has it, by which Kong finds it
            hash_on="header" if hashes else "none",
            hash_on_header=AFFINITY_HEADER,  # always, since the provider cannot take it away
            hash_fallback="ip" if hashes else "none",
            host_header=None if host_header is None else checked("host_header", host_header),
            slots=defaults.SLOTS,
            healthchecks=self._health_checks(),
            tags=self._tags,
            opts=pulumi.ResourceOptions(parent=self),
        )

    def _targets(self, upstream: kong.Upstream) -> None:
        """One after the other: a change of all weights must not empty the pool."""
        before: list[pulumi.Resource] = []
        for key, address, weight in self._addresses():
            target = kong.Target(
                f"{self._name}-target-{key}",
                upstream_id=upstream.id,
                target=address,
                weight=weight,
                tags=self._tags,
                opts=pulumi.ResourceOptions(parent=self, delete_before_replace=True, depends_on=before),
            )
            before = [target]

    def _addresses(self) -> list[tuple[str, pulumi.Output[str], int]]:
        """Key, address and weight of the targets that take requests."""
        discovery = self._args.get("discovery")
        if discovery is not None:
            name, port = checked("discovery.name", discovery["name"]), checked("discovery.port", discovery["port"])
            address = pulumi.Output.concat(name.apply(str.lower), ":", port.apply(str))
            return [(discovery_key(discovery), address, defaults.WEIGHT)]
        found: list[tuple[str, pulumi.Output[str], int]] = []
        for place, target in enumerate(self._args.get("targets") or []):
            weight, argument = weight_of(target), f"targets[{place}].address"
            if weight:
                address = pulumi.Output.from_input(target["address"]).apply(
                    lambda known, argument=argument: kong_address(argument, known)
                )
                found.append((target_key(target, place), address, weight))
        return found

    def _health_checks(self) -> Any:
        health, breaker = self._args.get("health") or {}, self._args.get("circuit_breaker") or {}
        given = {f"health.{name}": health.get(name) for name in defaults.HEALTH}
        given |= {f"circuit_breaker.{name}": breaker.get(name) for name in defaults.CIRCUIT_BREAKER}
        known = {
            argument: checked(argument, value, {**defaults.HEALTH, **defaults.CIRCUIT_BREAKER}[argument.split(".")[1]])
            for argument, value in given.items()
        }
        interval, failures = known["health.interval_seconds"], known["health.failures"]
        return {
            "active": {
                "type": self._protocol,
                "http_path": known["health.path"],
                "timeout": known["health.timeout_seconds"],
                "concurrency": 10,
                "https_verify_certificate": False,  # as with the requests: whether to verify is the service's to say
                "healthy": {"interval": interval, "successes": known["health.successes"], "http_statuses": _WELL},
                "unhealthy": {
                    "interval": interval,
                    "tcp_failures": failures,
                    "timeouts": failures,
                    "http_failures": failures,
                    "http_statuses": _ILL,
                },
            },
            "passive": {
                "type": self._protocol,
                "healthy": {"successes": 0, "http_statuses": [200]},  # only a check takes a target back
                "unhealthy": {
                    "tcp_failures": known["circuit_breaker.connection_failures"],
                    "timeouts": known["circuit_breaker.timeouts"],
                    "http_failures": known["circuit_breaker.errors"],
                    "http_statuses": known["circuit_breaker.statuses"],
                },
            },
        }


def _algorithm(args: InferencePoolArgs) -> str:
    hashing, turns = BalancingAlgorithm.CONSISTENT_HASHING, BalancingAlgorithm.ROUND_ROBIN
    return _word(args.get("algorithm"), (turns if args.get("affinity") is None else hashing).value)


def _word(value: Any, default: str) -> str:
    """An enum's member or its value."""
    return default if value is None else str(getattr(value, "value", value))
