"""The values that several sections of the stack config have: names, hosts, URLs, headers, and the clouds' ids."""

from __future__ import annotations

from dataclasses import dataclass

from components.pool.checks import kong_address
from components.validation import ArgumentError

from .by_provider import ByProvider
from .field_types import SecretText, Text

_LABEL = r"[A-Za-z0-9_](?:[A-Za-z0-9_-]{0,61}[A-Za-z0-9_])?"
HOST = rf"{_LABEL}(?:\.{_LABEL}){{0,20}}"
PORT = r"(?::(?:[1-9][0-9]{0,3}|[1-5][0-9]{4}|6[0-4][0-9]{3}|65[0-4][0-9]{2}|655[0-2][0-9]|6553[0-5]))?"
_REPLICA_LABEL = r"[A-Za-z0-9](?:[A-Za-z0-9_-]{0,61}[A-Za-z0-9])?"
_REPLICA_HOST = rf"{_REPLICA_LABEL}(?:\.{_REPLICA_LABEL}){{0,20}}"
_URL_SEGMENT = r"/(?!\.{1,2}(?:/|$))(?:[A-Za-z0-9._~!$&'()*+,;=:@-]|%[0-9A-Fa-f]{2}){1,200}"

HOP_BY_HOP_HEADERS = (  # RFC 9110, section 7.6.1
    "connection", "keep-alive", "proxy-authenticate", "proxy-authorization", "proxy-connection", "te", "trailer",
    "transfer-encoding", "upgrade",
)  # fmt: skip
FRAMING_HEADERS = ("accept-encoding", "cache-control", "content-length", "host")


@dataclass(frozen=True)
class Address(Text):
    """Text that Kong takes for the host and port of a replica, too."""

    def matches(self, value: str) -> bool:
        try:
            return super().matches(value) and bool(kong_address("address", value))
        except ArgumentError:
            return False


NAME = Text(r"[a-z][a-z0-9-]{0,39}", "1 to 40 lower-case letters, digits and hyphens, beginning with a letter")
VERSION = Text(r"[ -~]{1,128}", "1 to 128 printable ASCII characters")
URL = Text(
    rf"https?://{HOST}{PORT}(?:{_URL_SEGMENT}){{0,20}}/?",
    "http:// or https://, a host, and optionally a port and a path; no user, password, query or fragment",
)
URL_PATH = Text(rf"/|(?:{_URL_SEGMENT}){{1,20}}/?", "a path such as /v1/chat/completions, without query and fragment")
_ROUTE_SEGMENT = r"/(?!\.{1,2}(?:/|$))[A-Za-z0-9._~:-]{1,100}"
ROUTE_PATH = Text(
    rf"/|(?:{_ROUTE_SEGMENT}){{1,20}}",
    "an exact path such as /digits/predict: segments of letters, digits and . _ ~ : -, without a closing slash",
)
_NUMBER_15 = r"(?:[0-9]|1[0-5])"
_LOOPBACK = r"(?:localhost|127(?:\.[0-9]{1,3}){3})"
CACHE_URL = Text(
    rf"(?!.*_)(?:rediss://{HOST}|redis://{_LOOPBACK}){PORT}(?:/{_NUMBER_15}?)?",
    "rediss://, a host, and optionally a port and a database from 0 to 15; redis:// for localhost and 127.0.0.1 alone; "
    "no user, password or query, which have keys of their own",
)
CACHE_USERNAME = Text(r"[!-~]{1,128}", "1 to 128 printable ASCII characters without spaces")
CACHE_PASSWORD = SecretText(r"[!-~]{1,512}", "1 to 512 printable ASCII characters without spaces")
NODE = Text(
    rf"{HOST}{PORT.removesuffix('?')}", "the host and port of a Kong node's proxy, such as kong-1.internal:8000"
)
TARGET_ADDRESS = Address(
    rf"(?:{_REPLICA_HOST}|\[[0-9A-Fa-f:.]{{2,45}}\]){PORT.removesuffix('?')}",
    "the host and port of a replica, such as 10.0.3.7:8080; an IPv6 address in brackets",
)
REPLICAS_NAME = Text(rf"(?![0-9.]+$){_REPLICA_HOST}", "a DNS name without scheme and port, such as replicas.internal")
REPLICA_HOST_HEADER = Text(rf"{_REPLICA_HOST}{PORT}", "a host name, and a port if need be")
REPLICA_PATH = Text(r"/[A-Za-z0-9._~:/-]*", "a path such as /ping: letters, digits and . _ ~ : - without a query")
HOST_NAME = Text(rf"(?!.*[A-Z]){HOST}", "a host name in lower case, without port or wildcard")
API_KEY = SecretText(r"[!-~]{16,512}", "16 to 512 printable ASCII characters without spaces")
HEADER = r"[a-z0-9][a-z0-9-]{0,63}"
HEADER_ALLOWED = "a header name in lower-case letters, digits and hyphens"

ANSWER_HEADER = Text(
    rf"(?!x-kong-|x-cache|access-control-|ratelimit-|x-ratelimit-){HEADER}",
    f"{HEADER_ALLOWED}, none that Kong sets itself (x-kong-..., x-cache..., access-control-..., ratelimit-...)",
    (
        *HOP_BY_HOP_HEADERS,
        *("age", "cache-control", "cache-status", "cache-tag", "cdn-cache-control", "content-encoding"),
        *("content-length", "content-range", "date", "expires", "pragma", "retry-after", "server", "set-cookie"),
        *("set-cookie2", "surrogate-control", "vary", "via", "x-model-version", "x-request-id"),
    ),
    "it belongs to one answer or one caller, not to the prediction",
)

_DOMAIN = r"(?!.*[A-Z])(?!.*_)(?=.*\.[a-z][a-z0-9-]*[a-z0-9]$)" + rf"{_LABEL}(?:\.{_LABEL}){{1,20}}"
DOMAIN = Text(_DOMAIN, "a domain name in lower case such as predict.example.com, without scheme, port or wildcard")
_KONG_DOMAIN = "Kong's domain name in lower case, such as kong.example.com, without scheme and port; "
_GOOGLE_ORIGIN_DOMAIN = Text(rf"localhost|{_DOMAIN}", _KONG_DOMAIN + "its certificate is for a name, not an IP address")
ORIGIN_DOMAIN = ByProvider(
    cloudfront=Text(rf"localhost|{_DOMAIN}", _KONG_DOMAIN + "CloudFront takes no IP address"),
    media_cdn=_GOOGLE_ORIGIN_DOMAIN,
    cloud_cdn=_GOOGLE_ORIGIN_DOMAIN,
)
HOSTED_ZONE_ID = Text(r"Z[A-Z0-9]{1,31}", "the id of a Route 53 hosted zone, such as Z0123456789ABCDEFGHIJ")

_ACCOUNT = r"[0-9]{12}"
_REGION = r"[a-z]{2}(?:-[a-z]+){1,3}-[0-9]"
_PARTITION = r"aws(?:-[a-z]+){0,3}"
_SAGEMAKER_NAME = r"[a-zA-Z0-9](?:-*[a-zA-Z0-9]){0,62}"
_CERTIFICATE = r"certificate/[A-Za-z0-9-]{1,64}"

CERTIFICATE_ARN = Text(
    rf"arn:{_PARTITION}:acm:{_REGION}:{_ACCOUNT}:{_CERTIFICATE}",
    "the ARN of a certificate, such as arn:aws:acm:eu-west-1:123456789012:certificate/...",
)
EDGE_CERTIFICATE_ARN = Text(
    rf"arn:aws:acm:us-east-1:{_ACCOUNT}:{_CERTIFICATE}",
    "the ARN of a certificate in us-east-1, such as arn:aws:acm:us-east-1:123456789012:certificate/...; "
    "CloudFront takes certificates from no other region",
)
EDGE_TOPIC_ARN = Text(
    rf"arn:aws:sns:us-east-1:{_ACCOUNT}:[A-Za-z0-9_-]{{1,256}}",
    "the ARN of an SNS topic in us-east-1, such as arn:aws:sns:us-east-1:123456789012:alerts; "
    "CloudFront's metrics and their alarms are there",
)
TOPIC_ARN = Text(
    rf"arn:{_PARTITION}:sns:{_REGION}:{_ACCOUNT}:[A-Za-z0-9_-]{{1,256}}",
    "the ARN of an SNS topic, such as arn:aws:sns:eu-west-1:123456789012:alerts",
)
KMS_KEY_ARN = Text(
    rf"arn:{_PARTITION}:kms:{_REGION}:{_ACCOUNT}:key/[A-Za-z0-9-]{{1,64}}",
    "the ARN of a KMS key, such as arn:aws:kms:eu-west-1:123456789012:key/...",
)
BUCKET_ARN = Text(
    r"arn:aws:s3:::[a-z0-9][a-z0-9.-]{1,61}[a-z0-9]", "the ARN of an S3 bucket, such as arn:aws:s3:::edge-logs"
)
VPC_ORIGIN_ARN = Text(
    rf"arn:aws:(?:elasticloadbalancing:{_REGION}:{_ACCOUNT}:loadbalancer/(?:app|net)/[A-Za-z0-9-]{{1,32}}/[0-9a-f]{{16}}"
    rf"|ec2:{_REGION}:{_ACCOUNT}:instance/i-[0-9a-f]{{8,17}})",
    "the ARN of an application or network load balancer or of an EC2 instance",
)
ENDPOINT_ARN = Text(
    rf"arn:{_PARTITION}:sagemaker:{_REGION}:{_ACCOUNT}:endpoint/{_SAGEMAKER_NAME}",
    "the ARN of a SageMaker endpoint, such as arn:aws:sagemaker:eu-west-1:123456789012:endpoint/digits",
)
SAGEMAKER_NAME = Text(
    _SAGEMAKER_NAME, "1 to 63 letters, digits and hyphens, beginning and ending with a letter or digit"
)
VPC_ENDPOINT_ID = Text(r"vpce-[0-9a-f]{8,17}", "the id of a VPC endpoint, such as vpce-0123456789abcdef0")

_EC2_ID = r"[0-9a-f]{8}(?:[0-9a-f]{9})?"
VPC_ID = Text(rf"vpc-{_EC2_ID}", "the id of a VPC, such as vpc-0123456789abcdef0")
SUBNET_ID = Text(rf"subnet-{_EC2_ID}", "the id of a subnet, such as subnet-0123456789abcdef0")
SECURITY_GROUP_ID = Text(rf"sg-{_EC2_ID}", "the id of a security group, such as sg-0123456789abcdef0")

_PROJECT = r"projects/[a-z0-9:.-]{1,63}"

CERTIFICATE_ID = Text(
    rf"{_PROJECT}/locations/global/certificates/[a-z](?:[a-z0-9-]{{0,61}}[a-z0-9])?",
    "the id of a certificate in Certificate Manager, such as projects/shop/locations/global/certificates/predict",
)
DNS_ZONE = Text(
    r"[a-z](?:[a-z0-9-]{0,61}[a-z0-9])?", "the name of a managed zone in Cloud DNS, such as example-com; not its domain"
)
NOTIFICATION_CHANNEL = Text(
    rf"{_PROJECT}/notificationChannels/[A-Za-z0-9_-]{{1,64}}",
    "the name of a notification channel, such as projects/shop/notificationChannels/1234567890",
)
SECRET_VERSION = Text(
    rf"{_PROJECT}/secrets/[A-Za-z0-9_-]{{1,255}}/versions/[1-9][0-9]{{0,9}}",
    "the name of a version in Secret Manager, such as projects/shop/secrets/edge/versions/1, never the secret itself",
)
GOOGLE_REGION = Text(r"[a-z]{1,20}-[a-z]{1,20}[0-9]{1,2}", "a region of Google Cloud such as europe-west3")
NETWORK = Text(
    rf"{_PROJECT}/global/networks/[a-z](?:[a-z0-9-]{{0,61}}[a-z0-9])?",
    "the id of a VPC network, such as projects/shop/global/networks/default",
)
CRYPTO_KEY = Text(
    rf"{_PROJECT}/locations/[a-z0-9-]{{1,63}}/keyRings/[A-Za-z0-9_-]{{1,63}}/cryptoKeys/[A-Za-z0-9_-]{{1,63}}",
    "the id of a key in Cloud KMS, such as projects/shop/locations/europe-west3/keyRings/cache/cryptoKeys/answers",
)
