"""Programs that the engine refuses, and what it says."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pulumi
import pulumi_kong
import pulumi_random
import pytest

from local.engine import EngineError
from tests.engine.conftest import MakeEngine
from tests.engine.support.admin_api import MemoryAdminApi


def _duplicate() -> None:
    pulumi_random.RandomUuid("twice")
    pulumi_random.RandomUuid("twice")


def _hook() -> None:
    hook = pulumi.ResourceHook("h", lambda _: None)
    pulumi_random.RandomUuid("r", opts=pulumi.ResourceOptions(hooks=pulumi.ResourceHookBinding(after_create=[hook])))


def _deleted_with() -> None:
    one = pulumi_random.RandomUuid("one")
    pulumi_random.RandomUuid("two", opts=pulumi.ResourceOptions(deleted_with=one))


REFUSED: dict[str, tuple[Callable[[], Any], str]] = {
    "duplicate URN": (
        _duplicate,
        "Duplicate resource URN 'urn:pulumi:dev::shop::random:index/randomUuid:RandomUuid::twice'; "
        "try giving it a unique name",
    ),
    ".get()": (lambda: pulumi_kong.Service.get("s", "id"), ".get() of kong:index/service:Service (s)"),
    "StackReference": (lambda: pulumi.StackReference("other"), "StackReference (other)"),
    "invoke": (lambda: pulumi.runtime.invoke("kong:index:f", {}), "the provider function kong:index:f"),
    "import_": (
        lambda: pulumi_random.RandomUuid("r", opts=pulumi.ResourceOptions(import_="x")),
        "does not support import_",
    ),
    "deleted_with": (_deleted_with, "does not support deleted_with"),
    "hooks": (_hook, "the SDK call RegisterResourceHook"),
    "another package": (
        lambda: pulumi.CustomResource("azure:storage/container:Container", "c", {}),
        "azure:storage/container:Container c: the embedded engine has no provider azure, only aws, gcp, kong, random",
    ),
    "another type": (
        lambda: pulumi_kong.Certificate("c", certificate="x", private_key="y"),
        "the embedded engine has no kong:index/certificate:Certificate, only Consumer,",
    ),
    "unknown input": (
        lambda: pulumi.CustomResource("kong:index/consumer:Consumer", "c", {"colour": "red"}),
        "kong:index/consumer:Consumer c: unknown input colour; known are customId, tags, username",
    ),
    "RunError": (lambda: _raise(pulumi.RunError("models[0]: no such endpoint")), "models[0]: no such endpoint"),
    "missing config": (lambda: pulumi.Config().require("need"), "Missing required configuration variable 'shop:need'"),
    "exit": (lambda: _raise(SystemExit("bad config")), "bad config"),
    "bug": (lambda: _raise(ZeroDivisionError("by zero")), "the program failed: ZeroDivisionError: by zero"),
}


def _raise(error: BaseException) -> None:
    raise error


@pytest.mark.parametrize("name", REFUSED)
@pytest.mark.parametrize("operation", ["preview", "up"])
def test_a_refused_program_deploys_nothing_and_says_why(
    name: str, operation: str, make_engine: MakeEngine, kong: MemoryAdminApi
) -> None:
    program, message = REFUSED[name]

    def after_something() -> None:
        pulumi_kong.Consumer("before", username="before")
        program()

    with pytest.raises(EngineError) as failure:
        getattr(make_engine(after_something), operation)()
    assert message in str(failure.value)
    assert "Traceback" not in str(failure.value) and len(str(failure.value).splitlines()) < 6
    assert kong.writes == []


def test_an_error_in_the_program_file_names_its_line(project_dir: Path, make_engine: MakeEngine) -> None:
    (project_dir / "__main__.py").write_text("def f():\n    return {}['x']\n\nf()\n")
    with pytest.raises(EngineError) as failure:
        make_engine(None).preview()
    assert str(failure.value) == "the program failed: KeyError: 'x'\n  __main__.py:4 in <module>\n  __main__.py:2 in f"


def test_a_missing_program_file_is_named(make_engine: MakeEngine) -> None:
    with pytest.raises(EngineError, match="there is no .*__main__.py"):
        make_engine(None).preview()


def test_a_failing_callback_of_the_program_fails_the_run(make_engine: MakeEngine) -> None:
    def program() -> None:
        pulumi_random.RandomUuid("r").id.apply(lambda _: 1 / 0)

    with pytest.raises(EngineError, match="ZeroDivisionError: division by zero"):
        make_engine(program).up()
