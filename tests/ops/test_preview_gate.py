"""The gate before a deployment: what a change would do to stateful resources, against another version or a plan."""

from __future__ import annotations

import json
import shutil
import subprocess
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
import yaml

from local import PROJECT_DIR
from local.engine import EmbeddedEngine
from local.engine.errors import EngineError
from local.engine.providers.registry import FACTORIES
from ops import preview_gate
from ops.stateful import STATEFUL, PlannedStep, losses, steps_of_plan
from tests.components.recording import Recorder

PREFIX = "urn:pulumi:prod::shop::inference-edge:index:InferenceEdge$"


def urn(type_: str, name: str = "one") -> str:
    return f"{PREFIX}{type_}::{name}"


class Project:
    """A git repository with the program and stack prod, whose first commit is what is deployed."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        folder.mkdir()
        for name in ("components", "settings"):
            shutil.copytree(PROJECT_DIR / name, folder / name, ignore=shutil.ignore_patterns("__pycache__", "venv"))
        for name in ("__main__.py", "Pulumi.yaml", "Pulumi.prod.yaml"):
            shutil.copy(PROJECT_DIR / name, folder)
        self.git("init", "--quiet", "--initial-branch=main")
        self.commit()

    def commit(self) -> None:
        self.git("add", "--all")
        self.git("-c", "user.name=test", "-c", "user.email=test@example.com", "commit", "--quiet", "--message=a")

    def git(self, *arguments: str) -> None:
        subprocess.run(["git", "-C", str(self.folder), *arguments], check=True, capture_output=True)

    def configure(self, change: Callable[[dict[str, Any]], object]) -> None:
        """Change the config of stack prod."""
        file = self.folder / "Pulumi.prod.yaml"
        document = yaml.safe_load(file.read_text())
        change(document["config"])
        file.write_text(yaml.safe_dump(document))

    def rewrite(self, old: str, new: str) -> None:
        """Change the program."""
        file = self.folder / "__main__.py"
        assert old in file.read_text()
        file.write_text(file.read_text().replace(old, new))


@pytest.fixture
def project(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Project:
    made = Project(tmp_path / "project")
    monkeypatch.delenv("PULUMI_CONFIG_PASSPHRASE", raising=False)
    monkeypatch.delenv("PULUMI_CONFIG_PASSPHRASE_FILE", raising=False)
    monkeypatch.setattr(preview_gate, "PROJECT_DIR", made.folder)
    monkeypatch.setattr(preview_gate, "STATE_DIR", made.folder / ".state")
    return made


def rollout(config: dict[str, Any]) -> None:
    config["inference-edge:models"][0] |= {"version": "2", "endpoint": "https://digits-2.example.com/invocations"}


def without_batch(config: dict[str, Any]) -> None:
    config["inference-edge:consumers"].remove({"name": "batch"})


def test_no_change_passes(project: Project, capsys: pytest.CaptureFixture[str]) -> None:
    assert preview_gate.main(["--stack", "prod"]) == 0
    shown = capsys.readouterr().out
    assert "against what main deploys" in shown
    assert "no changes" in shown


def test_no_change_of_a_stack_with_an_edge_passes(
    project: Project, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setenv("PULUMI_CONFIG_PASSPHRASE", "only for this test")
    shutil.copy(PROJECT_DIR / "tests/stacks/configs/Pulumi.cloudfront-everything.yaml", project.folder)
    project.commit()
    assert preview_gate.main(["--stack", "cloudfront-everything"]) == 0
    assert "no changes" in capsys.readouterr().out


def test_a_rollout_passes(project: Project, capsys: pytest.CaptureFixture[str]) -> None:
    project.configure(rollout)
    assert preview_gate.main(["--stack", "prod"]) == 0
    assert "replace random:index:RandomBytes edge-digits-key-secret" in capsys.readouterr().out


def test_json_names_what_would_be_lost(project: Project, capsys: pytest.CaptureFixture[str]) -> None:
    project.configure(without_batch)
    assert preview_gate.main(["--stack", "prod", "--json"]) == 1
    shown = capsys.readouterr()
    told = json.loads(shown.out)
    assert (told["stack"], told["ok"], told["error"]) == ("prod", False, None)
    (consumer,) = [loss for loss in told["losses"] if loss["type"] == "kong:index/consumer:Consumer"]
    assert consumer == {
        "op": "delete",
        "type": "kong:index/consumer:Consumer",
        "name": "edge-batch-consumer",
        "lost": STATEFUL["kong:index/consumer:Consumer"],
    }
    assert "against what main deploys" in shown.err
    (project.folder / "plan.json").write_text("[]")
    assert preview_gate.main(["--stack", "prod", "--json", "--plan", str(project.folder / "plan.json")]) == 2
    assert "plan.json is not a plan" in json.loads(capsys.readouterr().out)["error"]


def test_a_consumer_that_is_gone_fails_and_each_resource_is_named(
    project: Project, capsys: pytest.CaptureFixture[str]
) -> None:
    project.configure(without_batch)
    assert preview_gate.main(["--stack", "prod"]) == 1
    said = capsys.readouterr().err
    assert "delete kong:index/consumer:Consumer edge-batch-consumer: its client has no access" in said
    assert "delete kong:index/consumerKeyAuth:ConsumerKeyAuth edge-batch-key-auth" in said
    allow = said.partition('ALLOW="')[2].rstrip('"\n')
    assert set(allow.split()) == {"edge-batch-consumer", "edge-batch-key-auth", "edge-batch-key"}
    assert preview_gate.main(["--stack", "prod", "--allow", allow]) == 0


def test_what_is_allowed_allows_nothing_else(project: Project, capsys: pytest.CaptureFixture[str]) -> None:
    project.configure(without_batch)
    assert preview_gate.main(["--stack", "prod", "--allow", "edge-batch-consumer"]) == 1
    said = capsys.readouterr().err
    assert "edge-batch-key-auth" in said
    assert "edge-batch-consumer" not in said


def test_a_new_name_fails_without_an_alias_and_passes_with_one(
    project: Project, capsys: pytest.CaptureFixture[str]
) -> None:
    project.rewrite('InferenceEdge("edge", ', 'InferenceEdge("cache", ')
    assert preview_gate.main(["--stack", "prod"]) == 1
    assert "delete random:index/randomPassword:RandomPassword edge-web-key" in capsys.readouterr().err
    project.rewrite(
        "load_settings(pulumi.Config())))",
        'load_settings(pulumi.Config())), pulumi.ResourceOptions(aliases=[pulumi.Alias(name="edge")]))',
    )
    assert preview_gate.main(["--stack", "prod"]) == 0


def test_the_base_may_be_any_version_that_git_knows(project: Project, capsys: pytest.CaptureFixture[str]) -> None:
    project.configure(without_batch)
    project.commit()
    assert preview_gate.main(["--stack", "prod"]) == 0
    assert preview_gate.main(["--stack", "prod", "--base", "HEAD~1"]) == 1
    assert preview_gate.main(["--stack", "prod", "--base", "nowhere"]) == 2
    assert "preview of stack prod failed: git archive: fatal: not a valid object name" in capsys.readouterr().err


def test_a_new_stack_is_all_new(project: Project, capsys: pytest.CaptureFixture[str]) -> None:
    shutil.copy(project.folder / "Pulumi.prod.yaml", project.folder / "Pulumi.other.yaml")
    assert preview_gate.main(["--stack", "other"]) == 0
    assert "32 to create" in capsys.readouterr().out


def test_a_stack_that_is_deployed_here_is_what_counts(project: Project, capsys: pytest.CaptureFixture[str]) -> None:
    EmbeddedEngine(project.folder, "prod", project.folder / ".state", providers=Recorder().providers).up()
    (project.folder / ".state/prod.engine").write_text("embedded")
    project.configure(without_batch)
    project.commit()
    assert preview_gate.main(["--stack", "prod"]) == 1
    assert "against what is deployed here" in capsys.readouterr().out


def test_a_program_that_fails_does_not_pass(project: Project, capsys: pytest.CaptureFixture[str]) -> None:
    project.configure(lambda config: config.update({"inference-edge:modells": []}))
    assert preview_gate.main(["--stack", "prod"]) == 1
    assert "modells" in capsys.readouterr().err


def test_an_older_program_that_fails_is_told(project: Project, capsys: pytest.CaptureFixture[str]) -> None:
    project.rewrite("import pulumi\n", "import pulumi\nimport nothing_of_this_name\n")
    project.commit()
    assert preview_gate.main(["--stack", "prod"]) == 1
    assert "the program of main cannot be previewed here: the program failed: ModuleNot" in capsys.readouterr().err


@pytest.mark.parametrize("op", ["replace", "delete"])
@pytest.mark.parametrize("type_", STATEFUL)
def test_a_stateful_resource_may_not_be_lost(type_: str, op: str) -> None:
    step = PlannedStep(op, urn(type_))
    assert losses([step], []) == [step]
    assert losses([step], ["one"]) == losses([step], [step.urn]) == []
    assert losses([step], ["on", "two"]) == [step]


@pytest.mark.parametrize("type_", STATEFUL)
def test_stateful_types_are_types_that_the_engine_knows(type_: str) -> None:
    package = type_.split(":")[0]
    provider = FACTORIES[package]({"kongAdminUri": "http://127.0.0.1:1"} if package == "kong" else {})
    with pytest.raises(EngineError, match="noSuchInput"):
        provider.check(type_, "one", {"noSuchInput": 1}, {})


@pytest.mark.parametrize("op", ["create", "update", "same"])
def test_nothing_is_lost_by_other_steps(op: str) -> None:
    assert losses([PlannedStep(op, urn(type_)) for type_ in STATEFUL], []) == []


def test_resources_without_state_may_go() -> None:
    types = ("kong:index/route:Route", "random:index/randomBytes:RandomBytes", "aws:iam/role:Role")
    assert losses([PlannedStep("delete", urn(type_)) for type_ in types], []) == []


def plan_file(folder: Path, steps: dict[str, list[str]]) -> Path:
    file = folder / "plan.json"
    resources = {name: {"goal": {}, "steps": found, "state": {}} for name, found in steps.items()}
    file.write_text(json.dumps({"manifest": {}, "resourcePlans": resources}))
    return file


@pytest.mark.parametrize(
    ("steps", "op"),
    [
        (["create-replacement", "replace", "delete-replaced"], "replace"),
        (["delete-replaced", "replace", "create-replacement"], "replace"),
        (["delete-replaced"], "delete"),
        (["delete"], "delete"),
        (["update"], "update"),
        (["create"], "create"),
        (["same"], "same"),
    ],
)
def test_a_plan_of_the_cli_says_the_same(tmp_path: Path, steps: list[str], op: str) -> None:
    name = urn("kong:index/consumerKeyAuth:ConsumerKeyAuth", "edge-web-key-auth")
    file = plan_file(tmp_path, {name: steps})
    assert steps_of_plan(file) == [PlannedStep(op, name)]
    lost = op in ("replace", "delete")
    assert preview_gate.main(["--stack", "prod", "--plan", str(file)]) == int(lost)


@pytest.mark.parametrize("text", ["", "{}", "[]", '{"resourcePlans": {}}', '{"resourcePlans": {"urn": {}}}'])
def test_a_file_that_is_no_plan_lets_nothing_through(
    tmp_path: Path, text: str, capsys: pytest.CaptureFixture[str]
) -> None:
    (tmp_path / "plan.json").write_text(text)
    assert preview_gate.main(["--stack", "prod", "--plan", str(tmp_path / "plan.json")]) == 2
    assert "is not a plan of `pulumi preview --save-plan`" in capsys.readouterr().err


CTRL_C = "import os\nimport signal\nos.kill({process}, signal.SIGINT)\n"


def test_ctrl_c_in_a_preview_gives_130(project: Project, capsys: pytest.CaptureFixture[str]) -> None:
    project.rewrite("import pulumi\n", CTRL_C.format(process="os.getpid()") + "import pulumi\n")
    assert preview_gate.main(["--stack", "prod"]) == 130
    assert capsys.readouterr().err == "interrupted\n"


def test_ctrl_c_while_an_older_program_runs_gives_130(project: Project, capsys: pytest.CaptureFixture[str]) -> None:
    project.rewrite("import pulumi\n", CTRL_C.format(process="os.getppid()") + "os._exit(1)\nimport pulumi\n")
    project.commit()
    assert preview_gate.main(["--stack", "prod", "--json"]) == 130
    assert capsys.readouterr() == ("", "interrupted\n")


def test_what_is_not_there_gives_2(project: Project, capsys: pytest.CaptureFixture[str]) -> None:
    assert preview_gate.main(["--stack", "nowhere"]) == 2
    assert "no stack named 'nowhere'" in capsys.readouterr().err
