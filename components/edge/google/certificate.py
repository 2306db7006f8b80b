"""Certificate and records of the edge's own host names, in Certificate Manager and Cloud DNS."""

from collections.abc import Mapping, Sequence
from typing import Optional

import pulumi
from pulumi_gcp import certificatemanager, dns

from .names import short_name
from .protection import deletion_policy

_TTL_SECONDS = 300


def managed_certificate(
    name: str,
    aliases: Sequence[str],
    zone: pulumi.Input[str],
    scope: Optional[str],
    protect: bool,
    opts: pulumi.ResourceOptions,
) -> certificatemanager.Certificate:
    """A certificate for all aliases that Google renews as long as its records are in the zone.

    It is there before it is valid: until then, callers cannot connect. `scope`: EDGE_CACHE for Media CDN.
    """
    # A name and its wildcard are authorized by one record.
    domains = [*dict.fromkeys(alias.removeprefix("*.") for alias in aliases)]
    authorizations = [
        certificatemanager.DnsAuthorization(
            f"{name}-domain-{short_name(domain)}",
            domain=domain,
            description=f"{name}: {domain} belongs to this project",
            deletion_policy=deletion_policy(protect),
            opts=opts,
        )
        for domain in domains
    ]
    records = [
        _authorization_record(name, domain, authorization, zone, opts)
        for domain, authorization in zip(domains, authorizations, strict=True)
    ]
    return certificatemanager.Certificate(
        f"{name}-certificate",
        description=f"{name}: host names of the edge",
        scope=scope,
        managed={
            "domains": list(aliases),
            "dns_authorizations": [authorization.id for authorization in authorizations],
        },
        deletion_policy=deletion_policy(protect),
        opts=pulumi.ResourceOptions.merge(opts, pulumi.ResourceOptions(depends_on=records)),
    )


def address_records(
    name: str,
    aliases: Sequence[str],
    zone: pulumi.Input[str],
    addresses: Mapping[str, pulumi.Input[str]],
    opts: pulumi.ResourceOptions,
) -> None:
    """Records that lead every alias to the edge; `addresses`: by record type, A and AAAA."""
    for alias in aliases:
        for kind, address in addresses.items():
            dns.RecordSet(
                f"{name}-record-{short_name(alias)}-{kind.lower()}",
                managed_zone=zone,
                name=f"{alias}.",
                type=kind,
                ttl=_TTL_SECONDS,
                rrdatas=[address],
                opts=opts,
            )


def _authorization_record(
    name: str,
    domain: str,
    authorization: certificatemanager.DnsAuthorization,
    zone: pulumi.Input[str],
    opts: pulumi.ResourceOptions,
) -> dns.RecordSet:
    record = authorization.dns_resource_records.apply(lambda records: records[0])
    return dns.RecordSet(
        f"{name}-domain-record-{short_name(domain)}",
        managed_zone=zone,
        name=record.apply(lambda record: record.name or ""),
        type=record.apply(lambda record: record.type or ""),
        ttl=_TTL_SECONDS,
        rrdatas=[record.apply(lambda record: record.data or "")],
        opts=opts,
    )
