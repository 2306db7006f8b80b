"""What the components register at AWS, deployed once on the embedded engine."""

from __future__ import annotations

import pytest

from tests.aws_models.programs import PROGRAMS, registered_by
from tests.aws_models.registered import Registered


@pytest.fixture(scope="session")
def registered_by_program(tmp_path_factory: pytest.TempPathFactory) -> dict[str, list[Registered]]:
    """The AWS resources of each program, by the program's name."""
    return {program.__name__: registered_by(program, tmp_path_factory.mktemp(program.__name__)) for program in PROGRAMS}


@pytest.fixture(scope="session")
def registered(registered_by_program: dict[str, list[Registered]]) -> list[Registered]:
    """The AWS resources of all programs."""
    return [resource for resources in registered_by_program.values() for resource in resources]
