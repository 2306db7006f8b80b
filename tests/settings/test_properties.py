"""Any valid config loads, and what was loaded, written again, loads to the same."""

from __future__ import annotations

import datetime
from typing import Any

from hypothesis import given, settings
from hypothesis import strategies as st
from pydantic import SecretStr

from settings.edge_providers import ONLY_WITH, takes
from tests.settings.pool_strategies import POOL, routers, with_hosts_of_their_own
from tests.settings.strategies import COST, HEADER, HOST, NAME, PATH, URL, VERIFY, distinct, some, whole
from tests.settings.support import elasticache, parsed, problems
from tests.settings.test_schema import accepts

CACHE = some(
    enabled=st.booleans(),
    ttlSeconds=whole(1, 31_536_000),
    profile=st.sampled_from(["classic", "embeddings", "llm"]),
    generation=whole(1, 1000),
    responseCodes=distinct(st.sampled_from([200, 201, 203]), 1, 3),
    contentTypes=distinct(st.sampled_from(["application/json", "text/csv", "text/csv; header=present"]), 1, 3),
    excludeFields=distinct(st.from_regex(r"id_[a-z]{1,5}", fullmatch=True), 0, 3),
    keyHeaders=distinct(HEADER, 0, 3),
    maxBodyBytes=whole(1, 1_048_576),
    maxResponseBytes=whole(1, 16_777_216),
    getTwin=st.booleans(),
)
NAME_AT_AWS = st.from_regex(r"[A-Za-z0-9]{1,20}(-[A-Za-z0-9]{1,20})?", fullmatch=True)
SAGEMAKER = st.fixed_dictionaries(
    {"endpointArn": NAME_AT_AWS.map("arn:aws:sagemaker:eu-west-1:123456789012:endpoint/{}".format)},
    optional={
        "targetVariant": NAME_AT_AWS,
        "timeoutSeconds": whole(1, 60),
        "throttle": some(ratePerSecond=whole(1, 1_000_000), burst=whole(1, 1_000_000)),
        "quotaPerDay": whole(1, 1_000_000) | st.none(),
        "tracing": st.booleans(),
        "logs": some(retentionDays=st.sampled_from([1, 30, 3653]), enabled=st.booleans()),
    },
)
COUNTRIES = distinct(st.sampled_from(["DE", "FR", "GB"]), 1, 3)
EDGE = st.fixed_dictionaries(
    {
        "provider": st.just("cloudfront"),
        "origin": st.fixed_dictionaries(
            {"domain": HOST.map("{}.example.com".format)},
            optional={"port": whole(1024, 65_535), "secretRotation": whole(1, 100)},
        ),
    },
    optional={
        "aliases": st.just([]),
        "priceClass": st.sampled_from(["PriceClass_100", "PriceClass_All"]),
        "httpVersion": st.sampled_from(["http1.1", "http2", "http2and3"]),
        "geoRestriction": COUNTRIES.map(lambda codes: {"allow": codes}) | COUNTRIES.map(lambda codes: {"deny": codes}),
        "firewall": some(enabled=st.booleans(), rateLimitPer5Minutes=whole(10, 1_000_000)),
        "logs": some(bucketArn=st.just("arn:aws:s3:::edge-logs")) | some(retentionDays=st.sampled_from([1, 30])),
        "alarms": some(minimumHitRatioPercent=st.floats(0.01, 99.99), originLatencyMs=whole(1, 1000)),
        "protect": st.booleans(),
    },
)
GOOGLE_EDGE = st.fixed_dictionaries(
    {
        "provider": st.sampled_from(["media-cdn", "cloud-cdn"]),
        "origin": st.fixed_dictionaries(
            {"domain": HOST.map("{}.example.com".format)},
            optional={"port": whole(81, 65_535), "secretRotation": whole(1, 100), "readTimeoutSeconds": whole(15, 15)},
        ),
        "aliases": distinct(HOST.map("edge-{}.example.com".format), 1, 3),
        "dnsZone": st.from_regex(r"[a-z][a-z0-9-]{0,20}[a-z]", fullmatch=True),
    },
    optional={
        "geoRestriction": COUNTRIES.map(lambda codes: {"deny": codes}),
        "logs": some(enabled=st.booleans(), sampleRate=st.floats(0, 1)),
        "alarms": some(
            minimumHitRatioPercent=st.floats(0.01, 99.99),
            notificationChannels=st.just(["projects/shop/notificationChannels/1"]),
        ),
        "protect": st.booleans(),
    },
)
ALARMS = some(enabled=st.booleans(), memoryPercent=st.floats(1, 100), latencyMs=whole(1, 5_000))
SHARED_CACHE = (
    st.fixed_dictionaries(
        {"url": st.builds("rediss://{}:{}/{}".format, HOST, st.integers(1, 65_535), st.integers(0, 15))},
        optional={"timeoutSeconds": st.floats(0.01, 5), "retrySeconds": whole(1, 300)},
    )
    | some(maxGigabytes=whole(1, 5_000), snapshotRetentionDays=whole(0, 35), alarms=ALARMS).map(
        lambda found: {"provider": "elasticache", "elasticache": elasticache(**found)}
    )
    | st.fixed_dictionaries(
        {"region": st.just("europe-west3"), "network": st.just("projects/shop/global/networks/default")},
        optional={"memoryGigabytes": whole(1, 300), "highlyAvailable": st.booleans(), "alarms": ALARMS},
    ).map(lambda found: {"provider": "memorystore", "memorystore": found, "protect": True})
)
LIMITS = st.lists(whole(1, 10_000), min_size=3, max_size=3).map(
    lambda numbers: dict(zip(("perSecond", "perMinute", "perHour"), sorted(numbers), strict=True))
)
CORS = st.fixed_dictionaries(
    {"origins": distinct(HOST.map("https://{}".format), 1, 3)}, optional={"maxAgeSeconds": whole(0, 86_400)}
)
ACCESS = some(rateLimit=LIMITS | st.none(), cors=CORS | st.none(), maxRequestBytes=whole(1_048_576, 6_291_456))
SECONDS = whole(1, 3600) | st.floats(0.001, 3600)


@st.composite
def models(draw: st.DrawFn) -> list[dict[str, Any]]:
    found = []
    for name in draw(distinct(NAME.map("m{:.39}".format), 1, 4)):
        mode = draw(st.sampled_from(["key-auth", "open", "upstream-credential"]))
        access = {"mode": mode, **draw(ACCESS)}
        if mode == "upstream-credential":
            access["credentialHeaders"] = draw(distinct(HEADER, 1, 3))
        model = {"name": name, "version": draw(st.from_regex(r"[ -~]{1,128}", fullmatch=True))}
        model |= draw(URL.map(lambda url: {"endpoint": url}) | SAGEMAKER.map(lambda found: {"sagemaker": found}))
        model["route"] = {"path": f"/{name}/{'/'.join(draw(PATH))}"} | draw(
            some(hosts=distinct(HOST, 0, 3), httpsOnly=st.booleans())
        )
        model |= {"cache": draw(CACHE), "access": access}
        if model["cache"].get("enabled", True):
            model["cache"] |= draw(some(verify=VERIFY | st.none()))
        model |= draw(
            some(
                cost=COST | st.none(),
                timeouts=some(connectSeconds=SECONDS, readSeconds=SECONDS.map(lambda s: max(s, 60))),
                retries=whole(0, 10),
            )
        )
        found.append(model)
    return found


def quickened(model: dict[str, Any]) -> None:
    """Within what Media CDN takes, as a model of whatever else is drawn."""
    model |= {"timeouts": {"connectSeconds": 1, "readSeconds": 10}, "retries": 4}
    model["access"].pop("maxRequestBytes", None)
    model["cache"].pop("maxBodyBytes", None)
    if "sagemaker" in model:
        model["sagemaker"]["timeoutSeconds"] = 10


@st.composite
def documents(draw: st.DrawFn) -> dict[str, Any]:
    document: dict[str, Any] = {"models": draw(models())}
    document |= draw(some(gatewayUrl=URL, dictionary=st.from_regex(r"c[a-z0-9_]{0,20}", fullmatch=True)))
    if draw(st.booleans()):
        document["edge"] = draw(EDGE | GOOGLE_EDGE)
        for model in document["models"]:
            model["route"].pop("hosts", None)
            model.pop("timeouts", None)
            if document["edge"]["provider"] != "cloudfront":
                quickened(model)
    for model in document["models"]:
        store = draw(st.sampled_from(["proxy-cache", "memory", "redis"]))
        model["cache"]["store"] = store
        if store == "redis":
            document.setdefault("sharedCache", draw(SHARED_CACHE))
        if store != "proxy-cache":
            model["cache"] |= draw(
                some(
                    answerHeaders=distinct(HEADER.map("x-m{:.40}".format), 0, 3),
                    staleWhileRevalidateSeconds=whole(0, 60),
                )
            )
    for model in document["models"]:
        if "endpoint" in model and draw(st.booleans()):
            del model["endpoint"]
            model["pool"] = {"name": f"p{len(document.get('pools', ()))}", "path": f"/{'/'.join(draw(PATH))}"}
            document.setdefault("pools", []).append({"name": model["pool"]["name"], **draw(POOL)})
    if "edge" not in document and with_hosts_of_their_own(document) and draw(st.booleans()):
        document["router"] = draw(routers(document["models"]))
    if all(model["cache"]["store"] == "memory" for model in document["models"]) and draw(st.booleans()):
        nodes = distinct(st.builds("{}:{}".format, HOST, st.integers(1, 65_535)), 2, 64)
        document["kong"] = {"topology": "sharded", "nodes": draw(nodes)}
    with_key = [model["name"] for model in document["models"] if model["access"]["mode"] == "key-auth"]
    if with_key and draw(st.booleans()):
        names = draw(distinct(NAME.map("c{:.39}".format), 0, 3))
        keys = draw(distinct(st.from_regex(r"[!-~]{16,40}", fullmatch=True), len(names), len(names)))
        allowed = st.none() | distinct(st.sampled_from(with_key), 1, len(with_key))
        if "router" in document:
            allowed = st.none()  # one who may ask some versions of a name alone is refused
        document["consumers"] = [
            {"name": name, "key": key, "models": draw(allowed)} for name, key in zip(names, keys, strict=True)
        ]
    return document


def written(value: Any) -> Any:
    """Settings as the plain document that they came from, with every default."""
    if isinstance(value, SecretStr):
        return value.get_secret_value()
    if isinstance(value, datetime.date):
        return value.isoformat()
    if isinstance(value, dict):
        return {key: written(part) for key, part in value.items()}
    return [written(part) for part in value] if isinstance(value, tuple) else value


def without_foreign_keys(document: dict[str, Any]) -> dict[str, Any]:
    """Without the keys of other providers, whose defaults Settings have too."""
    edge = document["edge"]
    if edge["provider"] != "none":
        for path in ONLY_WITH:
            *sections, last = path
            section = edge
            for name in sections:
                section = section.get(name, {})
            if not takes(edge["provider"], path):
                section.pop(last, None)
    return document


@settings(max_examples=60, deadline=None)
@given(documents())
def test_any_valid_config_loads_and_round_trips(document: dict[str, Any]) -> None:
    loaded = parsed(document)
    assert parsed(without_foreign_keys(written(loaded.model_dump(by_alias=True)))) == loaded
    assert [model.name for model in loaded.models] == [model["name"] for model in document["models"]]


@settings(max_examples=60, deadline=None)
@given(documents())
def test_the_schema_accepts_any_valid_config(document: dict[str, Any]) -> None:
    for consumer in document.get("consumers", []):
        consumer["key"] = {"secure": "v1:x"}
    assert accepts(document)


def test_a_long_key_of_unprintable_characters_makes_no_long_message() -> None:
    [problem] = problems({"models": [], "edge": {"\x1f" * 60: None}})[:1]
    assert len(problem) < 400


JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(),
    lambda inner: (
        st.lists(inner, max_size=3) | st.dictionaries(st.text() | st.sampled_from(["name", "cache", "models"]), inner)
    ),
    max_leaves=8,
)


@settings(max_examples=200, deadline=None)
@given(documents(), JSON, st.randoms(use_true_random=False))
def test_any_damage_is_told_and_nothing_breaks(document: dict[str, Any], damage: Any, random: Any) -> None:
    node: Any = document
    while True:
        key = random.choice(sorted(node)) if isinstance(node, dict) else random.randrange(len(node))
        if not isinstance(node[key], dict | list) or not node[key] or random.random() < 0.3:
            break
        node = node[key]
    node[key] = damage
    for problem in problems(document, secret_sections=frozenset({"consumers"})):
        assert "\n" not in problem and len(problem) < 400
