"""The shared cache."""

from __future__ import annotations

from typing import Any

from tests.policies.cases.case import Case
from tests.policies.cases.kong import plugin
from tests.policies.resources import UNKNOWN, Res

OWN, SERVERLESS = "inference-edge:index:SharedCache", "aws:elasticache/serverlessCache:ServerlessCache"
GROUP, USER = "aws:elasticache/replicationGroup:ReplicationGroup", "aws:elasticache/user:User"
FIREWALL = "aws:ec2/securityGroup:SecurityGroup"
INGRESS = "aws:vpc/securityGroupIngressRule:SecurityGroupIngressRule"
REDIS, VALKEY = "gcp:redis/instance:Instance", "gcp:memorystore/instance:Instance"
ALARM, POLICY = "aws:cloudwatch/metricAlarm:MetricAlarm", "gcp:monitoring/alertPolicy:AlertPolicy"
_SERVER = {"host": "cache.example.com", "ssl": True, "ssl_verify": True}


def advanced(**redis: Any) -> Res:
    """Enterprise's cache, in Redis."""
    return plugin("proxy-cache-advanced", {"strategy": "redis", "redis": {**_SERVER, **redis}})


def own(**existing: Any) -> Res:
    """The component, with a server that exists."""
    return Res(OWN, "cache", {"existing": {"host": "cache.example.com", "password": "x" * 9, **existing}})


def serverless(**props: Any) -> Res:
    limits = {"dataStorage": {"maximum": 10, "unit": "GB"}, "ecpuPerSeconds": [{"maximum": 1000}]}
    return Res(SERVERLESS, "cache", {"userGroupId": "kong", "cacheUsageLimits": limits, "name": "cache-1", **props})


def nodes(**props: Any) -> Res:
    """A cluster of nodes."""
    secure = {"transitEncryptionEnabled": True, "atRestEncryptionEnabled": "true", "authToken": "x" * 16}
    merged = {**secure, **props}
    return Res(GROUP, "cache", {name: value for name, value in merged.items() if value is not None})


def redis(**props: Any) -> Res:
    return Res(REDIS, "cache", {"transitEncryptionMode": "SERVER_AUTHENTICATION", "authEnabled": True, **props})


def valkey(**props: Any) -> Res:
    secure = {"transitEncryptionMode": "SERVER_AUTHENTICATION", "authorizationMode": "IAM_AUTH"}
    return Res(VALKEY, "cache", {**secure, **props})


def user(**props: Any) -> Res:
    access = {"accessString": "on ~edge:* -@all +get +set", "noPasswordRequired": False}
    return Res(USER, "kong", {**access, **props})


def firewall(*rules: Any) -> Res:
    return Res(FIREWALL, "kong", {"ingress": list(rules)})


def ingress(**rule: Any) -> dict[str, Any]:
    return {"protocol": "tcp", "fromPort": 6379, "toPort": 6380, **rule}


CASES = [
    Case(
        "shared-cache-tls",
        [
            [advanced()],
            [advanced(host="127.0.0.1", ssl=False)],
            [plugin("proxy-cache-advanced", {"strategy": "memory"})],
            [own()],
            [own(host="localhost", tls=False)],
            [Res(OWN, "cache", {"elasticache": {}})],
            [nodes()],
            [redis()],
            [valkey()],
        ],
        [
            ([advanced(ssl=False)], "sends predictions in clear to its shared cache"),
            ([plugin("proxy-cache-advanced", {"strategy": "redis"})], "sends predictions in clear to its shared cache"),
            ([advanced(ssl_verify=False)], "takes any certificate for its shared cache's"),
            ([own(tls=False)], "is asked in clear"),
            ([nodes(transitEncryptionEnabled=None)], "takes connections in clear"),
            ([redis(transitEncryptionMode="DISABLED")], "takes connections in clear"),
            ([valkey(transitEncryptionMode="TRANSIT_ENCRYPTION_DISABLED")], "takes connections in clear"),
        ],
        [
            [plugin("proxy-cache-advanced", UNKNOWN)],
            [own(host=UNKNOWN, tls=False)],
            [redis(transitEncryptionMode=UNKNOWN)],
        ],
    ),
    Case(
        "shared-cache-authentication",
        [
            [own(username="app")],
            [Res(OWN, "cache", {"existing": {"host": "127.0.0.1"}})],
            [serverless()],
            [nodes()],
            [nodes(authToken=None, userGroupIds=["kong"])],
            [user()],
            [redis()],
            [valkey()],
        ],
        [
            ([Res(OWN, "cache", {"existing": {"host": "cache.example.com"}})], "is asked without a password"),
            ([serverless().but(userGroupId=None)], "lets in whoever reaches it"),
            ([nodes(authToken=None)], "lets in whoever reaches it"),
            ([user(noPasswordRequired=True)], "needs no password"),
            ([user(authenticationMode={"type": "no-password-required"})], "needs no password"),
            ([redis(authEnabled=False)], "lets in whoever reaches it"),
            ([valkey(authorizationMode="AUTH_DISABLED")], "lets in whoever reaches it"),
            ([valkey().but(authorizationMode=None)], "lets in whoever reaches it"),
        ],
        [[own(password=UNKNOWN)], [serverless(userGroupId=UNKNOWN)], [nodes(authToken=UNKNOWN)]],
    ),
    Case(
        "shared-cache-rights",
        [[user()], [user(accessString="on ~* -@all +@read +@write -@dangerous")]],
        [
            ([user(accessString="on ~edge:* +@all")], "may do everything"),
            ([user(accessString="on ~edge:* ALLCOMMANDS")], "may do everything"),
            ([user(accessString="on ~edge:* -@all +get +@dangerous")], "may do everything"),
        ],
        [[user(accessString=UNKNOWN)]],
    ),
    Case(
        "shared-cache-network",
        [
            [firewall(ingress(securityGroups=["sg-1"]))],
            [firewall(ingress(cidrBlocks=["10.0.0.0/8"]))],
            [firewall(ingress(fromPort=443, toPort=443, cidrBlocks=["0.0.0.0/0"]))],
            [Res(INGRESS, "kong", {"ipProtocol": "tcp", "fromPort": 443, "toPort": 443, "cidrIpv4": "0.0.0.0/0"})],
        ],
        [
            ([firewall(ingress(cidrBlocks=["0.0.0.0/0"]))], "lets in the whole internet at a port of Redis"),
            ([firewall(ingress(), ingress(ipv6CidrBlocks=["::/0"]))], "lets in the whole internet at a port of Redis"),
            (
                [firewall(ingress(protocol="-1", fromPort=0, toPort=0, cidrBlocks=["0.0.0.0/0"]))],
                "lets in the whole internet at a port of Redis",
            ),
            (
                [
                    Res(
                        INGRESS,
                        "kong",
                        {"ipProtocol": "tcp", "fromPort": 6000, "toPort": 7000, "cidrIpv4": "0.0.0.0/0"},
                    )
                ],
                "lets in the whole internet at a port of Redis",
            ),
        ],
        [[firewall(ingress(cidrBlocks=UNKNOWN))], [firewall().but(ingress=UNKNOWN)]],
    ),
    Case(
        "shared-cache-encryption",
        [[nodes()], [nodes(atRestEncryptionEnabled=True)], [serverless()]],
        [([nodes(atRestEncryptionEnabled=None)], "keeps predictions in clear")],
        [[nodes(atRestEncryptionEnabled=UNKNOWN)]],
    ),
    Case(
        "shared-cache-cost-limits",
        [[serverless()]],
        [
            ([serverless(cacheUsageLimits={"ecpuPerSeconds": [{"maximum": 1000}]})], "may keep any amount"),
            ([serverless(cacheUsageLimits={"dataStorage": {"maximum": 10}})], "may be asked any amount"),
        ],
        [[serverless(cacheUsageLimits=UNKNOWN)]],
    ),
    Case(
        "shared-cache-alarms",
        [
            [serverless(), Res(ALARM, "memory", {"dimensions": {"clusterId": "cache-1"}})],
            [redis(), Res(POLICY, "memory", {"conditions": []}, {"conditions": ["cache"]})],
            [user()],
        ],
        [
            ([serverless()], "has no alarm"),
            ([serverless(), Res(ALARM, "memory", {"dimensions": {"clusterId": "other"}})], "has no alarm"),
            ([redis()], "has no alarm"),
        ],
        [[serverless(name=UNKNOWN), Res(ALARM, "memory", {"dimensions": {}})]],
    ),
]
