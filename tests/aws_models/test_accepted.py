"""Everything that the components register is accepted by CloudFormation's schemas, the APIs' models and the limits."""

from __future__ import annotations

import pytest

from tests.aws_models.checks import CHECKS
from tests.aws_models.cloudformation import lint_problems, template_of
from tests.aws_models.convert import to_cloudformation
from tests.aws_models.programs import PROGRAMS
from tests.aws_models.registered import Inputs, Registered
from tests.aws_models.twins import TWINS

_NAMES = [program.__name__ for program in PROGRAMS]
_ByProgram = dict[str, list[Registered]]


def _template(resources: list[Registered]) -> Inputs:
    return template_of(
        (f"{resource.name} {number}", kind, properties)
        for resource in resources
        if resource.type in TWINS
        for number, (kind, properties) in enumerate(
            to_cloudformation(TWINS[resource.type], resource.inputs, resource.name)
        )
    )


@pytest.mark.parametrize("check", CHECKS)
@pytest.mark.parametrize("program", _NAMES)
def test_no_check_refuses_a_registered_resource(program: str, check: str, registered_by_program: _ByProgram) -> None:
    found = {
        resource.name: problems
        for resource in registered_by_program[program]
        if (problems := CHECKS[check](resource.type, resource.inputs))
    }
    assert found == {}


@pytest.mark.parametrize("program", _NAMES)
def test_cfn_lint_has_nothing_to_say_about_all_of_a_program(program: str, registered_by_program: _ByProgram) -> None:
    assert lint_problems(_template(registered_by_program[program])) == []


def test_the_parts_of_a_method_are_one_resource_for_cfn_lint(registered_by_program: _ByProgram) -> None:
    resources = registered_by_program["origin_with_everything"]
    template = _template(resources)["Resources"].values()
    methods = [resource["Properties"] for resource in template if resource["Type"] == "AWS::ApiGateway::Method"]
    responses = [resource for resource in resources if resource.type.endswith(":IntegrationResponse")]
    assert len(methods) == 1
    assert len(methods[0]["Integration"]["IntegrationResponses"]) == len(responses) > 1
    assert methods[0]["Integration"]["Uri"].endswith("/invocations")
    assert methods[0]["ApiKeyRequired"] is True


def test_cfn_lint_complains_about_a_wrong_property(registered_by_program: _ByProgram) -> None:
    template = _template(registered_by_program["edge_with_everything"])
    distribution = next(
        resource for resource in template["Resources"].values() if resource["Type"] == "AWS::CloudFront::Distribution"
    )
    distribution["Properties"]["DistributionConfig"]["PriceClass"] = "PriceClass_1"
    distribution["Properties"]["DistributionConfig"]["Unknown"] = True
    problems = lint_problems(template)
    assert [problem.split()[0] for problem in sorted(problems)] == ["E3002", "E3030"]
