"""aws.wafv2."""

from __future__ import annotations

from tests.aws_models.convert import Target, Twin
from tests.aws_models.registered import Inputs, changed
from tests.aws_models.twins.shaping import steps, under


def _request_bodies(inputs: Inputs) -> Inputs:
    """AWS has a map of resource types where the provider has a list with one block."""

    def as_map(holder: Inputs, name: str) -> None:
        blocks = holder[name]
        if isinstance(blocks, list) and len(blocks) == 1 and isinstance(blocks[0], dict):
            holder["requestBody"] = {kind.upper(): limit for kind, limit in blocks[0].items()}
            del holder[name]

    return changed(inputs, "associationConfig.requestBodies", as_map)


TWINS = {
    "aws:wafv2/webAcl:WebAcl": Twin(
        (Target("AWS::WAFv2::WebACL", _request_bodies),),
        (Target("wafv2.CreateWebACL", _request_bodies),),
        provider_only=frozenset({"region"}),
        generated="name",
    ),
    "aws:wafv2/webAclLoggingConfiguration:WebAclLoggingConfiguration": Twin(
        (Target("AWS::WAFv2::LoggingConfiguration"),),
        (Target("wafv2.PutLoggingConfiguration", steps(under("loggingConfiguration"))),),
        provider_only=frozenset({"region"}),
    ),
}
