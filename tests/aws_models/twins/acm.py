"""aws.acm."""

from __future__ import annotations

from tests.aws_models.convert import Target, Twin
from tests.aws_models.twins.shaping import lifted, names, steps

TWINS = {
    "aws:acm/certificate:Certificate": Twin(
        (
            Target(
                "AWS::CertificateManager::Certificate",
                steps(lifted("options"), names({"export": "certificateExport"})),
            ),
        ),
        (Target("acm.RequestCertificate"),),
        provider_only=frozenset({"region"}),
    ),
}
