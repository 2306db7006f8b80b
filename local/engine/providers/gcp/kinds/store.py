"""The types of a shared cache: Memorystore for Redis."""

from __future__ import annotations

import string
from collections.abc import Mapping

from local.engine.providers.gcp.kind import Kind
from local.engine.providers.gcp.kinds.edge import documentation_address
from local.engine.providers.stand_in.kind import Computed, Values, derive

_BASE64 = string.ascii_letters + string.digits


def _authority(values: Values) -> list[dict[str, str]]:
    """The certificate of the instance's own authority, in form alone."""
    lines = "\n".join(derive(64, _BASE64, values["id"], str(line)) for line in range(4))
    return [{"cert": f"-----BEGIN CERTIFICATE-----\n{lines}\n-----END CERTIFICATE-----\n"}]


def _port(values: Values) -> int:
    return 6378 if values["transitEncryptionMode"] == "SERVER_AUTHENTICATION" else 6379


KINDS: Mapping[str, Kind] = {
    "gcp:redis/instance:Instance": Kind(
        "projects/{project}/locations/{region}/instances/{name}",
        {
            "authString": "{uuid}",
            "host": Computed(lambda values: documentation_address("IPV4", values["id"])),
            "port": Computed(_port, frozenset({"transitEncryptionMode"})),
            "serverCaCerts": Computed(_authority),
        },
        replaces="alternativeLocationId authorizedNetwork connectMode customerManagedKey locationId name region "
        "reservedIpRange tier transitEncryptionMode",
        auto_name="name",
        auto_name_length=40,
        secret=frozenset({"authString"}),
    ),
}
