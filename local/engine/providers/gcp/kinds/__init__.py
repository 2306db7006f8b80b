"""The types that the components register, as pulumi-gcp 10 and Google Cloud know them.

What replaces: ForceNew in the Terraform provider's schemas (github.com/hashicorp/terraform-provider-google,
google/services). Ids: its import formats. Inputs are not here: they are checked against the SDK.
"""

from collections.abc import Mapping

from local.engine.providers.gcp.kind import Kind
from local.engine.providers.gcp.kinds import edge, load_balancing, operations, store

KINDS: Mapping[str, Kind] = {**edge.KINDS, **load_balancing.KINDS, **operations.KINDS, **store.KINDS}
