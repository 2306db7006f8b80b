"""aws.route53."""

from __future__ import annotations

from typing import Any

from tests.aws_models.convert import Target, Twin
from tests.aws_models.registered import Inputs, changed
from tests.aws_models.twins.shaping import names, single, steps

_ALIAS = {"aliases.name": "DNSName", "aliases.zoneId": "hostedZoneId"}


def _ttl_as_text(inputs: Inputs) -> Inputs:
    """CloudFormation writes the TTL as a string; anything but an integer stays, to be refused."""

    def write(holder: Inputs, name: str) -> None:
        if isinstance(holder[name], int) and not isinstance(holder[name], bool):
            holder[name] = str(holder[name])

    return changed(inputs, "ttl", write)


def _record_values(inputs: Inputs) -> Inputs:
    def wrap(holder: Inputs, name: str) -> None:
        if isinstance(holder[name], list):
            holder[name] = [{"value": value} for value in holder[name]]

    return changed(inputs, "resourceRecords", wrap)


def _as_change(inputs: Inputs) -> Inputs:
    record = {name: value for name, value in inputs.items() if name != "hostedZoneId"}
    change: dict[str, Any] = {"action": "UPSERT", "resourceRecordSet": record}
    zone = {"hostedZoneId": inputs["hostedZoneId"]} if "hostedZoneId" in inputs else {}
    return {**zone, "changeBatch": {"changes": [change]}}


TWINS = {
    "aws:route53/record:Record": Twin(
        (
            Target(
                "AWS::Route53::RecordSet",
                steps(
                    names({**_ALIAS, "aliases": "aliasTarget", "records": "resourceRecords", "zoneId": "hostedZoneId"}),
                    single("aliasTarget"),
                    _ttl_as_text,
                ),
            ),
        ),
        (
            Target(
                "route53.ChangeResourceRecordSets",
                steps(
                    names({**_ALIAS, "aliases": "aliasTarget", "records": "resourceRecords", "zoneId": "hostedZoneId"}),
                    single("aliasTarget"),
                    _record_values,
                    _as_change,
                ),
            ),
        ),
        provider_only=frozenset({"allowOverwrite"}),
    ),
}
