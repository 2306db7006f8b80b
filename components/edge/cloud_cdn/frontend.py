"""Addresses, proxies and forwarding rules: how callers reach the URL map, by HTTPS alone."""

from typing import Optional

import pulumi
from pulumi_gcp import certificatemanager, compute

from ..google.arguments import CloudCdnEdgeArgs
from ..google.certificate import managed_certificate
from ..google.names import short_name
from ..google.protection import deletion_policy
from ..google.tls import ssl_policy
from .backends import SCHEME

_VERSIONS = {"A": "IPV4", "AAAA": "IPV6"}  # by the type of the record that leads to it


def frontend(
    name: str, args: CloudCdnEdgeArgs, url_map: compute.URLMap, opts: pulumi.ResourceOptions
) -> dict[str, pulumi.Output[str]]:
    """The addresses by record type, A and AAAA. HTTP is redirected."""
    policy = deletion_policy(bool(args.get("protect")))
    addresses = {
        kind: compute.GlobalAddress(
            f"{name}-{version.lower()}",
            description=f"{name}: where callers come",
            address_type="EXTERNAL",
            ip_version=version,
            deletion_policy=policy,
            opts=opts,
        )
        for kind, version in _VERSIONS.items()
    }
    https = _https_proxy(name, args, url_map, policy, opts)
    redirect = compute.URLMap(
        f"{name}-redirect",
        description=f"{name}: HTTP to HTTPS",
        default_url_redirect={
            "https_redirect": True,
            "redirect_response_code": "PERMANENT_REDIRECT",  # 308: a POST stays one
            "strip_query": False,
        },
        deletion_policy=policy,
        opts=opts,
    )
    http = compute.TargetHttpProxy(f"{name}-http", url_map=redirect.id, deletion_policy=policy, opts=opts)
    for kind, address in addresses.items():
        for protocol, port, target in (("https", "443", https.id), ("http", "80", http.id)):
            compute.GlobalForwardingRule(
                f"{name}-{protocol}-{_VERSIONS[kind].lower()}",
                description=f"{name}: {protocol} to {_VERSIONS[kind]}",
                load_balancing_scheme=SCHEME,
                ip_protocol="TCP",
                ip_address=address.id,
                port_range=port,
                target=target,
                deletion_policy=policy,
                opts=opts,
            )
    return {kind: address.address for kind, address in addresses.items()}


def _https_proxy(
    name: str, args: CloudCdnEdgeArgs, url_map: compute.URLMap, policy: Optional[str], opts: pulumi.ResourceOptions
) -> compute.TargetHttpsProxy:
    certificates = _certificate_map(name, args, policy, opts)
    return compute.TargetHttpsProxy(
        f"{name}-proxy",
        description=f"{name}: predictions",
        url_map=url_map.id,
        certificate_map=pulumi.Output.concat("//certificatemanager.googleapis.com/", certificates),
        ssl_policy=ssl_policy(name, bool(args.get("protect")), opts).id,
        quic_override="ENABLE",
        tls_early_data="DISABLED",
        deletion_policy=policy,
        opts=opts,
    )


def _certificate_map(
    name: str, args: CloudCdnEdgeArgs, policy: Optional[str], opts: pulumi.ResourceOptions
) -> pulumi.Output[str]:
    """Id of a map that has an entry for every alias, known once the entries are there."""
    zone, aliases = args.get("dns_zone"), args["aliases"]
    given: list[pulumi.Input[str]] = list(args.get("certificate_ids") or [])
    if zone is not None:
        given = [managed_certificate(name, aliases, zone, None, bool(args.get("protect")), opts).id]
    made = certificatemanager.CertificateMap(
        f"{name}-certificates", description=f"{name}: host names of the edge", deletion_policy=policy, opts=opts
    )
    entries = [
        certificatemanager.CertificateMapEntry(
            f"{name}-entry-{short_name(alias)}",
            description=f"{name}: {alias}",
            map=made.name,
            hostname=alias,
            certificates=given,
            deletion_policy=policy,
            opts=opts,
        )
        for alias in aliases
    ]
    return pulumi.Output.all(made.id, *(entry.id for entry in entries)).apply(lambda ids: ids[0])
