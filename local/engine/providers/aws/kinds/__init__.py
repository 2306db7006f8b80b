"""The types that the components register, as pulumi-aws 7 and AWS know them.

What replaces: ForceNew and RequiresReplace in the Terraform provider's schemas
(github.com/hashicorp/terraform-provider-aws, internal/service). Names and `delete_first`: provider/resources.go of
github.com/pulumi/pulumi-aws. Inputs are not here: they are checked against the SDK.
"""

from collections.abc import Mapping

from local.engine.providers.aws.kind import Kind
from local.engine.providers.aws.kinds import edge, monitoring, origin, store

KINDS: Mapping[str, Kind] = {**edge.KINDS, **monitoring.KINDS, **origin.KINDS, **store.KINDS}
