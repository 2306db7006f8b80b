"""Every registered type is in the tables, every input is the SDK's, and nothing is deprecated."""

from __future__ import annotations

import pytest

from tests.aws_models.limits import PATHS
from tests.aws_models.registered import Registered
from tests.aws_models.sdk import deprecated_by_documentation, fields, is_deprecated_type, resource_args, walk
from tests.aws_models.twins import TWINS, WITHOUT_CLOUDFORMATION, WITHOUT_TWIN

# Its documentation speaks of another input, `forwarded_values`.
_NOT_DEPRECATED_ITSELF = {("aws:cloudfront/distribution:Distribution", "defaultCacheBehavior")}


def _camel(name: str) -> str:
    first, *rest = name.split("_")
    return first + "".join(word.capitalize() for word in rest)


def _types(registered: list[Registered]) -> set[str]:
    return {resource.type for resource in registered}


def test_a_type_has_a_twin_or_a_reason_for_none(registered: list[Registered]) -> None:
    assert not set(TWINS) & set(WITHOUT_TWIN)
    assert {*TWINS, *WITHOUT_TWIN} == _types(registered)
    assert {kind for kind, twin in TWINS.items() if not twin.cloudformation} == set(WITHOUT_CLOUDFORMATION)
    assert all(twin.api for twin in TWINS.values())


def test_a_type_has_limits(registered: list[Registered]) -> None:
    assert set(PATHS) == _types(registered)


def test_the_sdk_knows_every_input(registered: list[Registered]) -> None:
    unknown = {
        (resource.type, path)
        for resource in registered
        for path, field in walk(resource.inputs, resource_args(resource.type))
        if field is None
    }
    assert unknown == set()


def test_no_type_is_deprecated(registered: list[Registered]) -> None:
    assert [kind for kind in _types(registered) if is_deprecated_type(kind)] == []


def test_no_input_is_deprecated(registered: list[Registered]) -> None:
    used = {
        (resource.type, path): field
        for resource in registered
        for path, field in walk(resource.inputs, resource_args(resource.type))
        if field is not None
    }
    assert [at for at, field in used.items() if field.is_deprecated] == []
    mentioned = {at: field.documentation for at, field in used.items() if "deprecated" in field.documentation.lower()}
    assert set(mentioned) == _NOT_DEPRECATED_ITSELF
    in_text = {(kind, _camel(name)) for kind, _ in used for name in deprecated_by_documentation(kind)}
    assert {(kind, path.rpartition(".")[2]) for kind, path in used} & in_text == set()


@pytest.mark.parametrize("kind", ["aws:s3/bucketV2:BucketV2", "aws:s3/bucketVersioningV2:BucketVersioningV2"])
def test_a_deprecated_type_is_recognised(kind: str) -> None:
    assert is_deprecated_type(kind)


def test_a_deprecated_input_is_recognised() -> None:
    assert fields(resource_args("aws:s3/bucket:Bucket"))["acl"].is_deprecated
    assert not fields(resource_args("aws:s3/bucket:Bucket"))["bucket"].is_deprecated
    assert deprecated_by_documentation("aws:iam/role:Role") == {"inline_policy", "managed_policy_arns"}
    assert deprecated_by_documentation("aws:cloudfront/distribution:Distribution") == {"forwarded_values"}
