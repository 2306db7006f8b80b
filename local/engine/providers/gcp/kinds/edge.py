"""The types of an edge: Media CDN, certificates, DNS."""

from __future__ import annotations

import string
from collections.abc import Mapping

from local.engine.providers.gcp.kind import Kind
from local.engine.providers.stand_in.kind import Computed, Values, derive

_LOWER = string.ascii_lowercase + string.digits


def _authorization_records(values: Values) -> list[dict[str, str]]:
    """The CNAME that proves that a domain is the project's."""
    domain = str(values["domain"]).rstrip(".")
    target = f"{derive(8, _LOWER, values['id'], domain)}-{derive(4, _LOWER, domain)}.authorize.certificatemanager.goog."
    return [{"name": f"_acme-challenge.{domain}.", "type": "CNAME", "data": target}]


def documentation_address(version: str, id_: str) -> str:
    """An address of the ranges for documentation (RFC 5737, RFC 3849), always the same for one id."""
    if version == "IPV6":
        return f"2001:db8::{derive(4, '123456789abcdef', id_)}"
    return f"192.0.2.{1 + int(derive(6, string.digits, id_)) % 254}"


_NETWORK_SERVICE = "projects/{project}/locations/global/"

KINDS: Mapping[str, Kind] = {
    "gcp:certificatemanager/certificate:Certificate": Kind(
        "projects/{project}/locations/global/certificates/{name}",
        replaces="location managed name scope",
        auto_name="name",
    ),
    "gcp:certificatemanager/certificateMap:CertificateMap": Kind(
        "projects/{project}/locations/global/certificateMaps/{name}", replaces="name", auto_name="name"
    ),
    "gcp:certificatemanager/certificateMapEntry:CertificateMapEntry": Kind(
        "projects/{project}/locations/global/certificateMaps/{map}/certificateMapEntries/{name}",
        {"state": "ACTIVE"},
        replaces="hostname map matcher name",
        auto_name="name",
    ),
    "gcp:certificatemanager/dnsAuthorization:DnsAuthorization": Kind(
        "projects/{project}/locations/global/dnsAuthorizations/{name}",
        {"dnsResourceRecords": Computed(_authorization_records, frozenset({"domain"}))},
        replaces="domain location name type",
        auto_name="name",
    ),
    "gcp:dns/recordSet:RecordSet": Kind(
        "projects/{project}/managedZones/{managedZone}/rrsets/{name}/{type}", replaces="managedZone name"
    ),
    "gcp:networkservices/edgeCacheKeyset:EdgeCacheKeyset": Kind(
        f"{_NETWORK_SERVICE}edgeCacheKeysets/{{name}}", replaces="name", auto_name="name"
    ),
    "gcp:networkservices/edgeCacheOrigin:EdgeCacheOrigin": Kind(
        f"{_NETWORK_SERVICE}edgeCacheOrigins/{{name}}", replaces="name", auto_name="name"
    ),
    "gcp:networkservices/edgeCacheService:EdgeCacheService": Kind(
        f"{_NETWORK_SERVICE}edgeCacheServices/{{name}}",
        {
            "ipv4Addresses": Computed(lambda values: [documentation_address("IPV4", values["id"])]),
            "ipv6Addresses": Computed(lambda values: [documentation_address("IPV6", values["id"])]),
        },
        replaces="name",
        auto_name="name",
    ),
}
