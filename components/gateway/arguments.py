"""Arguments of the gateway's components, and their defaults in one place."""

from enum import Enum
from typing import Any, NotRequired, TypedDict

import pulumi

from ..metrics.arguments import CostArgs
from ..pool.arguments import AffinityArgs, BalancingAlgorithm
from ..verification.arguments import VerifyArgs


class CacheProfile(str, Enum):
    """The kind of model. LLM bypasses the cache for every request that samples (no temperature of 0)."""

    CLASSIC = "classic"
    EMBEDDINGS = "embeddings"
    LLM = "llm"


class AccessMode(str, Enum):
    """Who may call the model: consumers with a key, callers that the model itself checks, or anybody."""

    KEY_AUTH = "key-auth"
    UPSTREAM_CREDENTIAL = "upstream-credential"
    OPEN = "open"


class StoreKind(str, Enum):
    """Where answers are kept: Kong's own proxy-cache, the node's memory without that plugin, or a shared Redis."""

    PROXY_CACHE = "proxy-cache"
    MEMORY = "memory"
    REDIS = "redis"


class KongEdition(str, Enum):
    """Which Kong this is. Enterprise keeps answers in Redis by its plugin proxy-cache-advanced."""

    COMMUNITY = "community"
    ENTERPRISE = "enterprise"


class CacheArgs(TypedDict):
    enabled: NotRequired[bool]
    """Off: every request goes to the model."""
    store: NotRequired[StoreKind]
    """Where answers are kept; by default proxy-cache."""
    profile: NotRequired[CacheProfile]
    """The kind of model."""
    ttl_seconds: NotRequired[pulumi.Input[int]]
    """How long an answer may be served; by default 300 (classic), 86400 (embeddings) or 3600 (llm)."""
    generation: NotRequired[pulumi.Input[int]]
    """Part of the key: add 1 to drop every answer of this model."""
    response_codes: NotRequired[list[pulumi.Input[int]]]
    """Status codes of answers that may be stored."""
    content_types: NotRequired[list[pulumi.Input[str]]]
    """Content types of answers that may be stored; each with exactly the parameters that the model sends."""
    exclude_fields: NotRequired[list[pulumi.Input[str]]]
    """Top-level request fields left out of the key."""
    answer_headers: NotRequired[list[pulumi.Input[str]]]
    """memory and redis only: the model's response headers that are kept with an answer, beside content-type."""
    key_headers: NotRequired[list[pulumi.Input[str]]]
    """More request headers that change the answer, in lower case."""
    max_body_bytes: NotRequired[pulumi.Input[int]]
    """Requests with a larger body bypass the cache."""
    max_response_bytes: NotRequired[pulumi.Input[int]]
    """Larger answers are not stored."""
    get_twin: NotRequired[bool]
    """Take questions by GET <path>?input=<base64url of the JSON body>, too; on by default."""
    shareable: NotRequired[bool]
    """Let a shared cache in front of Kong keep answers to GET: nothing in them may be for one caller only."""
    stale_while_revalidate_seconds: NotRequired[pulumi.Input[int]]
    """How long an expired answer may be served while one request asks for a new one, by a shared cache in front of Kong
    (shareable) and by the stores memory and redis; by default 0."""
    stale_if_error_seconds: NotRequired[pulumi.Input[int]]
    """The same for as long as the model fails; by default 0."""
    verify: NotRequired[VerifyArgs]
    """Ask the model again for some hits, in the background, and bypass a cache that is wrong; by default not."""


class RateLimitArgs(TypedDict):
    per_second: NotRequired[pulumi.Input[int]]
    """Requests allowed in a second."""
    per_minute: NotRequired[pulumi.Input[int]]
    """Requests allowed in a minute."""
    per_hour: NotRequired[pulumi.Input[int]]
    """Requests allowed in an hour."""


class CorsArgs(TypedDict):
    origins: list[pulumi.Input[str]]
    """Origins such as https://app.example.com; "*" alone allows any."""
    max_age_seconds: NotRequired[pulumi.Input[int]]
    """How long a browser may remember the answer to its preflight request."""


class AccessArgs(TypedDict):
    mode: NotRequired[AccessMode]
    """Who may call the model; by default consumers with a key."""
    credential_headers: NotRequired[list[pulumi.Input[str]]]
    """upstream-credential only: the headers that tell callers apart, in lower case; by default authorization."""
    rate_limit: NotRequired[RateLimitArgs]
    """By default no limit."""
    max_request_bytes: NotRequired[pulumi.Input[int]]
    """Larger requests are refused with 413."""
    cors: NotRequired[CorsArgs]
    """By default browsers of other origins are not allowed."""


class TimeoutArgs(TypedDict):
    connect_seconds: NotRequired[pulumi.Input[float]]
    """Until the connection is made."""
    read_seconds: NotRequired[pulumi.Input[float]]
    """Between two reads of the answer."""
    write_seconds: NotRequired[pulumi.Input[float]]
    """Between two writes of the request."""
    stream_seconds: NotRequired[pulumi.Input[float]]
    """How long a streamed answer may be silent, before its first and between later bytes; by default read_seconds."""


class RoutePoolArgs(TypedDict):
    name: pulumi.Input[str]
    """The pool's name in metrics; `endpoint` is below the pool's url."""
    algorithm: NotRequired[BalancingAlgorithm]
    """The pool's algorithm; by default consistent-hashing with affinity, else round-robin."""
    affinity: NotRequired[AffinityArgs]
    """The pool's affinity; by default requests have nothing in common."""


class RedisArgs(TypedDict):
    host: pulumi.Input[str]
    """Host name or address of a Redis or Valkey server, or of any node of a cluster."""
    port: pulumi.Input[int]
    """Its port."""
    username: NotRequired[pulumi.Input[str]]
    """Who Kong is there (ACL); by default the server's default user."""
    password: NotRequired[pulumi.Input[str]]
    """A secret; by default none."""
    database: NotRequired[pulumi.Input[int]]
    """The logical database; by default 0, the only one of a cluster."""
    tls: NotRequired[bool]
    """Speak TLS, and verify the certificate; on by default."""
    key_prefix: NotRequired[pulumi.Input[str]]
    """What the names of all entries begin with; by default inference-edge."""
    timeout_seconds: NotRequired[pulumi.Input[float]]
    """How long to wait for a connection, a write and a read, each; by default 0.1."""
    retry_seconds: NotRequired[pulumi.Input[float]]
    """How long nobody asks a server that failed; by default 5."""


class EdgeAccessArgs(TypedDict):
    secrets: list[pulumi.Input[str]]
    """The values of X-Origin-Verify with which the edge gets in, secrets; two while one replaces the other."""
    client_certificate: NotRequired[bool]
    """Ask the edge for a client certificate that nginx verifies (ssl_verify_client), too."""
    key: NotRequired[pulumi.Input[str]]
    """shareable and key-auth only: the API key, a secret, of the consumer that the edge's GET requests come from."""


class KongCachedRouteArgs(TypedDict):
    model: str
    """The model's name: lower-case letters, digits and hyphens."""
    version: NotRequired[pulumi.Input[str]]
    """The model's version: part of the key, so another version never answers with this one's predictions. Required,
    but for a SageMaker endpoint that InferenceEdge makes."""
    endpoint: NotRequired[pulumi.Input[str]]
    """The URL that takes the predictions' POST requests. Required, but for a model that InferenceEdge has at
    SageMaker or in a pool."""
    pool: NotRequired[RoutePoolArgs]
    """The InferencePool that `endpoint` leads to; by default one server."""
    path: NotRequired[pulumi.Input[str]]
    """The exact path on the gateway; by default /<model>/predict."""
    hosts: NotRequired[list[pulumi.Input[str]]]
    """Host names that reach this model; by default any host."""
    https_only: NotRequired[bool]
    """Answer plain HTTP with 426 instead of a prediction."""
    dictionary: NotRequired[pulumi.Input[str]]
    """The nginx shared dictionary that holds the cached answers; by default prediction_cache."""
    cache: NotRequired[CacheArgs]
    """What is cached, for how long, and what is part of the key."""
    redis: NotRequired[RedisArgs]
    """The shared store of cache.store redis."""
    kong_edition: NotRequired[KongEdition]
    """Which Kong this is; by default community."""
    shards: NotRequired[list[str]]
    """cache.store memory only: host:port of every Kong node's proxy, so that one node alone keeps each answer."""
    cost: NotRequired[CostArgs]
    """What the model's calls cost, for metrics; by default unknown."""
    access: NotRequired[AccessArgs]
    """Who may call the model, how often, and with how much."""
    timeouts: NotRequired[TimeoutArgs]
    """How long the gateway waits for the model."""
    retries: NotRequired[pulumi.Input[int]]
    """More attempts when the model cannot be connected to; by default 1, with a pool 100: a target that is gone may be
    tried again and again until Kong's workers have heard of it."""
    upstream_headers: NotRequired[dict[str, pulumi.Input[str]]]
    """Headers that Kong adds to every request to the model, secrets: credentials such as x-api-key."""
    edge: NotRequired[EdgeAccessArgs]
    """The edge that alone may call; by default anybody who reaches Kong may."""


class KongConsumerArgs(TypedDict):
    consumer: str
    """The consumer's name: lower-case letters, digits and hyphens."""
    key: NotRequired[pulumi.Input[str]]
    """The API key, a secret; by default one is generated."""
    groups: dict[str, pulumi.Input[str]]
    """Model name -> ACL group of the models that this consumer may call."""


TTL_SECONDS = {"classic": 300, "embeddings": 86_400, "llm": 3_600}
CACHE: dict[str, Any] = {
    "generation": 1,
    "response_codes": [200],
    "content_types": ["application/json", "application/json; charset=utf-8"],
    "exclude_fields": [],
    "key_headers": [],
    "max_body_bytes": 65_536,
    "max_response_bytes": 1_048_576,
    "answer_headers": [
        "content-type",
        "content-language",
        "x-amzn-invoked-production-variant",
        "x-amzn-sagemaker-custom-attributes",
    ],
    "stale_while_revalidate_seconds": 0,
    "stale_if_error_seconds": 0,
}
REDIS: dict[str, Any] = {
    "username": None,
    "password": None,
    "database": 0,
    "tls": True,
    "key_prefix": "inference-edge",
    "timeout_seconds": 0.1,
    "retry_seconds": 5,
}
TIMEOUTS = {"connect_seconds": 5, "read_seconds": 60, "write_seconds": 60}
DICTIONARY = "prediction_cache"
RETRIES = 1
# Kong hashes the same request to the same dead target until its workers have heard of it: on one machine more than 20
# refused connections were seen until then. Each takes a fraction of a millisecond.
POOL_RETRIES = 100
MAX_REQUEST_BYTES = 6_291_456  # what SageMaker's real-time endpoints took for years
CORS_MAX_AGE_SECONDS = 600
CREDENTIAL_HEADERS = ["authorization"]
GENERATED_KEY_LENGTH = 40
