"""Certificate and records of the edge's own host names."""

from collections.abc import Sequence
from typing import Any

import pulumi
from pulumi_aws import acm, cloudfront, route53

from ..arguments import US_EAST_1

_TTL_SECONDS = 300


def certificate_arn(
    name: str,
    aliases: Sequence[str],
    zone_id: pulumi.Input[str],
    opts: pulumi.ResourceOptions,
    kept: pulumi.ResourceOptions,
) -> pulumi.Output[str]:
    """ARN of a certificate for the aliases, known when it is valid; `kept` are the options of the certificate."""
    certificate = acm.Certificate(
        f"{name}-certificate",
        region=US_EAST_1,
        domain_name=aliases[0],
        subject_alternative_names=list(aliases[1:]) or None,
        validation_method="DNS",
        opts=kept,
    )
    # A name and its wildcard are validated by one record.
    records = [
        _validation_record(name, domain, certificate, zone_id, opts)
        for domain in dict.fromkeys(alias.removeprefix("*.") for alias in aliases)
    ]
    validation = acm.CertificateValidation(
        f"{name}-certificate-validation",
        region=US_EAST_1,
        certificate_arn=certificate.arn,
        validation_record_fqdns=[record.fqdn for record in records],
        opts=opts,
    )
    return validation.certificate_arn


def alias_records(
    name: str,
    aliases: Sequence[str],
    zone_id: pulumi.Input[str],
    distribution: cloudfront.Distribution,
    opts: pulumi.ResourceOptions,
) -> None:
    """A and AAAA records that lead every alias to the distribution."""
    for alias in aliases:
        for kind in ("A", "AAAA"):
            route53.Record(
                f"{name}-record-{_slug(alias)}-{kind.lower()}",
                zone_id=zone_id,
                name=alias,
                type=kind,
                aliases=[
                    {
                        "name": distribution.domain_name,
                        "zone_id": distribution.hosted_zone_id,
                        "evaluate_target_health": False,
                    }
                ],
                opts=opts,
            )


def _validation_record(
    name: str, domain: str, certificate: acm.Certificate, zone_id: pulumi.Input[str], opts: pulumi.ResourceOptions
) -> route53.Record:
    option = certificate.domain_validation_options.apply(lambda options: _option(domain, options))
    return route53.Record(
        f"{name}-certificate-record-{_slug(domain)}",
        zone_id=zone_id,
        name=option.apply(lambda option: option.resource_record_name),
        type=option.apply(lambda option: option.resource_record_type),
        records=[option.apply(lambda option: option.resource_record_value)],
        ttl=_TTL_SECONDS,
        allow_overwrite=True,  # the same name is validated by the same record, also for another certificate
        opts=opts,
    )


def _option(domain: str, options: Sequence[Any]) -> Any:
    return next(option for option in options if option.domain_name.removeprefix("*.") == domain)


def _slug(alias: str) -> str:
    return alias.replace("*", "any").replace(".", "-")
