"""The numbers that AWS and Google set for the edge and what is behind it: quotas by default, ranges of their APIs.

Usage: ``from . import limits``. Names end with their unit, or with what is counted. Sources: [Q] "Quotas" of the Amazon
CloudFront Developer Guide (cloudfront-limits.html), [API] the service's API model as botocore 1.44 has it, [GW] "Quotas
for configuring and running a REST API" of the Amazon API Gateway Developer Guide. Pages of docs.cloud.google.com are
named by their path; [MM] is the schema in GoogleCloudPlatform/magic-modules, from which the provider is made.
"""

# What follows for a prediction's input: 8,000 characters of base64url, which leaves room for host and path in a URL.
MAX_INPUT_BYTES = 6_000
MAX_INPUT_CHARACTERS = MAX_INPUT_BYTES * 4 // 3

# CloudFront
MAX_URL_BYTES = 8_192  # [Q] scheme, host and query included
MAX_PATH_CHARACTERS = 255  # [API] PathPattern of a cache behavior
MAX_TTL_SECONDS = 31_536_000  # Expiration.html: the greatest maximum TTL by default, a year
MIN_READ_TIMEOUT_SECONDS, MAX_READ_TIMEOUT_SECONDS = 1, 120  # [Q], [API] OriginReadTimeout
LOW_ORIGIN_PORTS = (80, 443)  # distribution-web-values-specify.html: these, and
MIN_HIGH_ORIGIN_PORT, MAX_HIGH_ORIGIN_PORT = 1_024, 65_535
MAX_CACHE_BEHAVIORS = 75  # [Q] of a distribution
MAX_SHAREABLE_ROUTES = MAX_CACHE_BEHAVIORS - 1  # the default behavior is for all others
MAX_CACHE_POLICY_HEADERS = 10  # [Q]
MAX_KEY_HEADERS = MAX_CACHE_POLICY_HEADERS - 1  # one is X-Model-Version
MAX_RESPONSE_HEADERS_POLICIES = 20  # [Q] of an account
MAX_ALIASES = 100  # [Q] of a distribution
DOMAIN_CHARACTERS = len("d111111abcdef8.cloudfront.net")
MAX_FUNCTION_BYTES = 10_240  # [Q]
MAX_NAME_CHARACTERS = 36  # of the component: a Function's name has 64, with our suffix and Pulumi's
MAX_PUBLIC_KEYS = 5  # [Q] of a key group
MAX_JWT_SECRETS = 2  # ours: the one in use and the next
MIN_JWT_SECRET_BYTES = 32  # RFC 7518, section 3.2: at least the size of the hash
ORIGIN_SHIELD_REGIONS = (  # origin-shield.html
    *("us-east-1", "us-east-2", "us-west-2", "ap-northeast-1", "ap-northeast-2", "ap-south-1", "ap-southeast-1"),
    *("ap-southeast-2", "eu-central-1", "eu-west-1", "eu-west-2", "me-central-1", "sa-east-1"),
)
NO_KEY_HEADERS = (  # the edge sets or removes these, or CloudFront keeps no key by them
    *("accept-encoding", "apikey", "authorization", "cache-control", "connection", "content-length", "cookie", "host"),
    *("if-modified-since", "if-none-match", "max-forwards", "origin", "pragma", "range", "request-range"),
    *("transfer-encoding", "via", "warning", "x-forwarded-for", "x-forwarded-proto", "x-model-version"),
    *("x-origin-verify", "x-real-ip", "x-request-id"),
)  # RequestAndResponseBehaviorCustomOrigin.html: "caching based on header values is supported"

# WAF
MIN_RATE_LIMIT_REQUESTS, MAX_RATE_LIMIT_REQUESTS = 10, 2_000_000_000  # [API] RateBasedStatement

# API Gateway, REST
DEFAULT_INTEGRATION_TIMEOUT_SECONDS = 29  # [GW], can be raised for regional and private APIs
MAX_PAYLOAD_BYTES = 10_485_760  # [GW]

# SageMaker, real-time endpoints
MAX_INVOCATION_SECONDS = 60  # InvokeEndpoint: the container must answer within it
MAX_INVOCATION_BYTES = 6_291_456  # [API] sagemaker-runtime BodyBlob

# CloudWatch Logs
LOG_RETENTION_DAYS = (  # [API] PutRetentionPolicy
    *(1, 3, 5, 7, 14, 30, 60, 90, 120, 150, 180, 365, 400, 545),
    *(731, 1096, 1827, 2192, 2557, 2922, 3288, 3653),
)

# Media CDN
MEDIA_CDN_ROUTE_RULES = 200  # media-cdn/quotas, of a service
MEDIA_CDN_MATCH_RULES = 5  # [MM] EdgeCacheService, of a route rule
MEDIA_CDN_MAX_KEY_HEADERS = 5 - 1  # [MM] EdgeCacheService includedHeaderNames; one is X-Model-Version
MEDIA_CDN_HOSTS = 10  # [MM] EdgeCacheService, of a host rule, of which there may be 50
MEDIA_CDN_CERTIFICATES = 5  # media-cdn/quotas, of a service
MEDIA_CDN_KEYS = 3  # media-cdn/quotas, public keys and shared keys of a keyset, each
MEDIA_CDN_MAX_BODY_BYTES = 16_384  # media-cdn/quotas: a larger request body is answered with 413
MEDIA_CDN_MAX_TIMEOUT_SECONDS = 15  # media-cdn/docs/origins: connectTimeout lasts until the answer's headers are there

# Cloud CDN: a global external Application Load Balancer
CLOUD_CDN_PREDICATES = 1_000  # load-balancing/docs/quotas, of a path matcher
CLOUD_CDN_CERTIFICATES = 15  # certificatemanager.CertificateMapEntry: of one entry
CLOUD_CDN_MAX_KEY_HEADERS = 9  # ours: Google names no number
CLOUD_CDN_MAX_TIMEOUT_SECONDS = 86_400  # load-balancing/docs/backend-service: the greatest backend service timeout

# Both products of Google
GOOGLE_NAME_CHARACTERS = 24  # of the component: a resource's name has 63, with our suffix and Pulumi's
GOOGLE_ALIASES = 100  # certificate-manager/quotas, domains of a managed certificate
GOOGLE_NO_KEY_HEADERS = (  # cdn/docs/caching, media-cdn/docs/caching: not allowed in a key; or the edge removes them
    *("accept", "api-key", "authority", "cdn-loop", "content-encoding", "content-md5", "content-type", "date"),
    *("forwarded", "from", "if-match", "kong-debug", "ocp-apim-subscription-key", "proxy-authorization", "referer"),
    *("referrer", "user-agent", "want-digest", "x-api-key", "x-auth-token", "x-csrf-token", "x-csrftoken", "x-user-ip"),
)
GOOGLE_NO_KEY_HEADER_PREFIXES = (
    *("access-control-", "sec-fetch-", "sec-gfe-", "sec-google-", "x-amz-", "x-gfe-", "x-goog-", "x-google-"),
)
CLOUD_ARMOR_MAX_REQUESTS = 1_000_000  # armor/docs/rate-limiting-overview, of a throttle rule's threshold
