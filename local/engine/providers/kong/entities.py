"""The entities of the kong provider as a table: properties, defaults, wire names, what forces a replacement."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, Literal

Kind = Literal["text", "integer", "boolean", "texts", "objects", "health_checks", "json", "headers"]


@dataclass(frozen=True)
class Field:
    """One property: its name on the wire, its kind and its rules.

    `foreign`: the wire holds ``{"id": value}``. `computed`: kept when the program leaves it out.
    `local`: never sent.
    """

    wire: str
    kind: Kind = "text"
    default: Any = None
    required: bool = False
    foreign: bool = False
    replaces: bool = False
    computed: bool = False
    local: bool = False
    secret: bool = False


@dataclass(frozen=True)
class Entity:
    """One resource type.

    `path`: its collection below the Admin API, or below `parent`'s entity. `unique`: the property that an existing
    entity is found by. `id_joint`: between its id and its parent's; `parent_first` tells their order.
    """

    path: str
    fields: dict[str, Field]
    unique: str = "name"
    auto_name: bool = False
    parent: str = ""
    parent_path: str = ""
    id_joint: str = ""
    parent_first: bool = False
    replace_deletes_first: bool = False
    by_post: bool = False


_TAGS = {"tags": Field("tags", "texts")}

ENTITIES: dict[str, Entity] = {
    "kong:index/service:Service": Entity(
        "services",
        {
            "caCertificateIds": Field("ca_certificates", "texts"),
            "clientCertificateId": Field("client_certificate", foreign=True),
            "connectTimeout": Field("connect_timeout", "integer", 60000),
            "host": Field("host"),
            "name": Field("name"),
            "path": Field("path"),
            "port": Field("port", "integer", 80),
            "protocol": Field("protocol", required=True),
            "readTimeout": Field("read_timeout", "integer", 60000),
            "retries": Field("retries", "integer", 5),
            "tlsVerify": Field("tls_verify", "boolean"),
            "tlsVerifyDepth": Field("tls_verify_depth", "integer"),
            "writeTimeout": Field("write_timeout", "integer", 60000),
            **_TAGS,
        },
        auto_name=True,
    ),
    "kong:index/route:Route": Entity(
        "routes",
        {
            "destinations": Field("destinations", "objects"),
            "headers": Field("headers", "headers"),
            "hosts": Field("hosts", "texts"),
            "httpsRedirectStatusCode": Field("https_redirect_status_code", "integer", 426),
            "methods": Field("methods", "texts"),
            "name": Field("name"),
            "pathHandling": Field("path_handling", default="v0"),
            "paths": Field("paths", "texts"),
            "preserveHost": Field("preserve_host", "boolean"),
            "protocols": Field("protocols", "texts", required=True),
            "regexPriority": Field("regex_priority", "integer"),
            "requestBuffering": Field("request_buffering", "boolean", True),
            "responseBuffering": Field("response_buffering", "boolean", True),
            "serviceId": Field("service", required=True, foreign=True),
            "snis": Field("snis", "texts"),
            "sources": Field("sources", "objects"),
            "stripPath": Field("strip_path", "boolean", True),
            **_TAGS,
        },
        auto_name=True,
    ),
    "kong:index/plugin:Plugin": Entity(
        "plugins",
        {
            "configJson": Field("config", "json", computed=True),
            "consumerId": Field("consumer", foreign=True),
            "enabled": Field("enabled", "boolean", True),
            "name": Field("name", required=True, replaces=True),
            "routeId": Field("route", foreign=True),
            "serviceId": Field("service", foreign=True),
            "strictMatch": Field("strict_match", "boolean", local=True),
            **_TAGS,
        },
        replace_deletes_first=True,
    ),
    "kong:index/consumer:Consumer": Entity(
        "consumers",
        {"customId": Field("custom_id"), "username": Field("username"), **_TAGS},
        unique="username",
    ),
    "kong:index/consumerKeyAuth:ConsumerKeyAuth": Entity(
        "key-auth",
        {
            "consumerId": Field("consumer", required=True, foreign=True),
            "key": Field("key", computed=True, secret=True),
            **_TAGS,
        },
        unique="key",
        parent="consumerId",
        parent_path="consumers",
        id_joint="|",
    ),
    "kong:index/consumerAcl:ConsumerAcl": Entity(
        "acls",
        {
            "consumerId": Field("consumer", required=True, foreign=True),
            "group": Field("group", required=True),
            **_TAGS,
        },
        unique="group",
        parent="consumerId",
        parent_path="consumers",
        id_joint="|",
    ),
    "kong:index/upstream:Upstream": Entity(
        "upstreams",
        {
            "clientCertificateId": Field("client_certificate", foreign=True),
            "hashFallback": Field("hash_fallback", default="none"),
            "hashFallbackHeader": Field("hash_fallback_header"),
            "hashOn": Field("hash_on", default="none"),
            "hashOnCookie": Field("hash_on_cookie"),
            "hashOnCookiePath": Field("hash_on_cookie_path", default="/"),
            "hashOnHeader": Field("hash_on_header"),
            "healthchecks": Field("healthchecks", "health_checks", computed=True),
            "hostHeader": Field("host_header"),
            "name": Field("name", required=True),
            "slots": Field("slots", "integer", 10000),
            **_TAGS,
        },
    ),
    "kong:index/target:Target": Entity(
        "targets",
        {
            "tags": Field("tags", "texts", replaces=True),
            "target": Field("target", required=True, replaces=True),
            "upstreamId": Field("upstream", required=True, foreign=True, replaces=True),
            "weight": Field("weight", "integer", required=True, replaces=True),
        },
        unique="target",
        parent="upstreamId",
        parent_path="upstreams",
        id_joint="/",
        parent_first=True,
        by_post=True,
    ),
}
