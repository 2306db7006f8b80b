"""Rules about models and consumers behind an edge, whether their answers are shared or not."""

from __future__ import annotations

from collections.abc import Iterator

from components.edge import limits

from .conflict import Conflict
from .edge_providers import PRODUCTS, EdgeProduct
from .models import ModelSettings, Settings
from .problems import Path

EDGE_CONSUMER = "edge-cache"
"""The Kong consumer that the edge's own requests are."""

_SET_AT_THE_EDGE = ("x-model-version", "x-origin-verify")
_PROVIDER = ("edge", "provider")
_DOMAIN = ("edge", "origin", "domain")
_PROTOCOL = ("edge", "origin", "protocol")
_REPEATS = ("kong", "repeatsLostRequests")
_READ = ("edge", "origin", "readTimeoutSeconds")


def edge_model_conflicts(settings: Settings) -> Iterator[Conflict]:
    """Conflicts of models and consumers with the edge in front of them; none without one."""
    if settings.edge.provider == "none":
        return
    product = PRODUCTS[settings.edge.provider]
    for index, model in enumerate(settings.models):
        yield from _route(("models", index, "route"), model, settings, product)
        yield from _headers(("models", index), model, product)
        yield from _longest_wait(("models", index), model, settings, product)
    yield from _read_timeout(settings, product)
    for section, names in (("models", settings.models), ("consumers", settings.consumers)):
        for index, named in enumerate(names):
            if named.name == EDGE_CONSUMER:
                message = "must be another name: this one is the consumer of the edge's own requests"
                yield Conflict((section, index, "name"), message, (_PROVIDER,))


def _route(at: Path, model: ModelSettings, settings: Settings, product: EdgeProduct) -> Iterator[Conflict]:
    origin = settings.edge.origin
    if origin.domain and model.route.hosts and origin.domain not in model.route.hosts:
        message = f"must hold edge.origin.domain ({origin.domain}): it is the Host of every request from the edge"
        yield Conflict((*at, "hosts"), message, (_DOMAIN, ("gatewayUrl",), _PROVIDER))
    if len(model.route.path) > limits.MAX_PATH_CHARACTERS and not model.cache.shareable:
        message = f"must have at most {limits.MAX_PATH_CHARACTERS} characters with an edge: {product.path_limit_reason}"
        yield Conflict((*at, "path"), message, (_PROVIDER, (*at[:2], "name"), (*at[:2], "cache", "shareable")))
    if model.route.https_only and origin.protocol == "http":
        message = "must be false with edge.origin.protocol http: Kong would answer the edge with 426"
        yield Conflict((*at, "httpsOnly"), message, (_PROTOCOL, ("gatewayUrl",), _PROVIDER))


def _headers(at: Path, model: ModelSettings, product: EdgeProduct) -> Iterator[Conflict]:
    credentials = (*at, "access", "credentialHeaders")
    for position, name in enumerate(model.access.credential_headers):
        if name in (*product.not_passed_on, *_SET_AT_THE_EDGE):
            message = (
                f"{name} is not allowed here with an edge, which does not pass it on: the model would refuse everyone"
            )
            yield Conflict((*credentials, position), message, ((*at, "access", "mode"), _PROVIDER))
    if model.cache.shareable:
        return  # sharing_rules.py refuses more
    for position, name in enumerate(model.cache.key_headers):
        if name in _SET_AT_THE_EDGE:
            message = f"{name} is not allowed here with an edge, which sets it itself"
            yield Conflict((*at, "cache", "keyHeaders", position), message, (_PROVIDER,))


def _longest_wait(at: Path, model: ModelSettings, settings: Settings, product: EdgeProduct) -> Iterator[Conflict]:
    most, longest = product.longest_wait_seconds, settings.longest_wait_seconds(model)
    if longest <= most:
        return
    slowest = "streamSeconds" if (model.timeouts.stream_seconds or 0) > model.timeouts.read_seconds else "readSeconds"
    attempts = model.slow_attempts
    left = most - attempts * model.timeouts.connect_seconds
    times = _times(model)
    together = f"{times} connectSeconds and {slowest} are"
    if settings.kong.repeats_lost_requests:
        left /= attempts
        together = f"{times} connectSeconds and {slowest} together (kong.repeatsLostRequests) are"
    message = (
        f"must be at most {left:g} behind {product.name}, which waits {most} seconds at most for Kong: "
        f"{together} {longest:g}"
    )
    if left <= 0:
        message = (
            f"must be less: {times} connectSeconds alone use up the {most} seconds "
            f"that {product.name} waits at most for Kong"
        )
    name = slowest if left > 0 else "connectSeconds"
    yield Conflict((*at, "timeouts", name), message, ((*at, "timeouts"), (*at, "retries"), _REPEATS, _PROVIDER))


def _read_timeout(settings: Settings, product: EdgeProduct) -> Iterator[Conflict]:
    given = settings.edge.origin.read_timeout_seconds
    waits = [(settings.longest_wait_seconds(model), index) for index, model in enumerate(settings.models)]
    waits = [wait for wait in waits if wait[0] <= product.longest_wait_seconds]
    if given is None or not waits or max(waits)[0] <= given:
        return
    longest, index = max(waits)
    how = f"{_times(settings.models[index])} connectSeconds, and readSeconds"
    if settings.kong.repeats_lost_requests:
        how = f"{_times(settings.models[index])} connectSeconds and readSeconds, by kong.repeatsLostRequests"
    message = (
        f"must be at least {longest:g}, what Kong may wait for models[{index}] ({how}): "
        f"{product.name} would answer 504 to a prediction that is still on its way"
    )
    at = ("models", index)
    yield Conflict(_READ, message, ((*at, "timeouts"), (*at, "retries"), _REPEATS, _PROVIDER))


def _times(model: ModelSettings) -> str:
    """How often Kong may wait; a pool's silent target is left out by its check meanwhile."""
    return f"{model.slow_attempts} times" if model.pool else "retries + 1 times"
