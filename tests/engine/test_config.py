"""Pulumi.yaml and Pulumi.<stack>.yaml."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pulumi
import pytest

from local.engine import EngineError
from local.engine.project import Project
from tests.engine.support.encryption import PASSPHRASE, SALT_LINE, encrypt


def load(project_dir: Path, **options: Any) -> Project:
    return Project.load(project_dir, "dev", **{"passphrase": None, "overrides": {}, **options})


def write(project_dir: Path, stack: str, project: str = "") -> None:
    (project_dir / "Pulumi.dev.yaml").write_text(stack)
    (project_dir / "Pulumi.yaml").write_text(f"name: shop\nruntime: python\n{project}")


def test_values_become_texts_and_objects_become_json(project_dir: Path) -> None:
    write(
        project_dir,
        "config:\n  shop:n: 3\n  shop:on: true\n  shop:word: yes\n  shop:day: 2024-01-01\n  shop:ratio: 2.5\n"
        "  shop:models:\n    - name: iris\n      ttl: 300\n  kong:kongAdminUri: http://a.test\n",
    )
    assert load(project_dir).config == {
        "shop:n": "3",
        "shop:on": "true",
        "shop:word": "yes",
        "shop:day": "2024-01-01",
        "shop:ratio": "2.5",
        "shop:models": '[{"name":"iris","ttl":300}]',
        "kong:kongAdminUri": "http://a.test",
    }


def test_project_defaults_apply_and_the_stack_goes_over_them(project_dir: Path) -> None:
    write(
        project_dir,
        "config:\n  shop:b: mine\n",
        "config:\n  a: plain\n  b: {default: d}\n  c: {type: integer, default: 7}\n  kong:x: {value: v}\n",
    )
    assert load(project_dir).config == {"shop:a": "plain", "shop:b": "mine", "shop:c": "7", "kong:x": "v"}


def test_overrides_go_over_the_files(project_dir: Path) -> None:
    write(project_dir, "config:\n  shop:a: file\n")
    project = load(project_dir, overrides={"a": "override", "kong:kongAdminUri": "http://b.test"})
    assert project.config == {"shop:a": "override", "kong:kongAdminUri": "http://b.test"}


def test_all_problems_are_told_at_once(project_dir: Path) -> None:
    write(
        project_dir,
        "config:\n  shop:n: abc\n  shop:on: yes\n  shop:list: text\n  shop:token: plain\n",
        "config:\n  n: {type: integer}\n  on: {type: boolean}\n  list: {type: array}\n  need: {type: string}\n"
        "  token: {type: string, secret: true}\n  odd: {type: number}\n",
    )
    with pytest.raises(EngineError) as failure:
        load(project_dir)
    assert str(failure.value).replace(str(project_dir), "") == (
        "Stack 'dev' with configuration key 'n' must be of type 'integer'\n"
        "Stack 'dev' with configuration key 'on' must be of type 'boolean'\n"
        "Stack 'dev' with configuration key 'list' must be of type 'array'\n"
        "Stack 'dev' is missing configuration value 'need'\n"
        "Stack 'dev' with configuration key 'token' must be encrypted as it's secret\n"
        "/Pulumi.yaml: config odd: type must be one of string, integer, boolean, array, object, not 'number'"
    )


def secret_stack(project_dir: Path) -> None:
    write(
        project_dir,
        f"encryptionsalt: {SALT_LINE}\nconfig:\n  shop:token:\n    secure: {encrypt('s3cr3t')}\n"
        f"  shop:consumers:\n    - name: web\n      key:\n        secure: {encrypt('k3y')}\n  shop:plain: p\n",
    )


def test_secrets_are_decrypted_also_inside_lists(project_dir: Path) -> None:
    secret_stack(project_dir)
    project = load(project_dir, passphrase=PASSPHRASE)
    assert project.config["shop:token"] == "s3cr3t"
    assert json.loads(project.config["shop:consumers"]) == [{"name": "web", "key": "k3y"}]
    assert project.secret_keys == ["shop:consumers", "shop:token"]
    assert "s3cr3t" not in repr(project)


def test_the_passphrase_comes_from_the_environment(
    project_dir: Path, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    from local.engine import EmbeddedEngine

    secret_stack(project_dir)
    engine = EmbeddedEngine(project_dir, "dev", tmp_path / "s", program=_export_token)
    monkeypatch.delenv("PULUMI_CONFIG_PASSPHRASE", raising=False)
    monkeypatch.setenv("PULUMI_CONFIG_PASSPHRASE_FILE", str(tmp_path / "passphrase"))
    with pytest.raises(EngineError, match="cannot read the passphrase file .*passphrase"):
        engine.preview()
    (tmp_path / "passphrase").write_text(PASSPHRASE + "\n")
    assert engine.up().outputs == {"token": "[secret]"}
    monkeypatch.setenv("PULUMI_CONFIG_PASSPHRASE", "wrong")
    with pytest.raises(EngineError, match="incorrect passphrase"):
        EmbeddedEngine(project_dir, "dev", tmp_path / "s", program=_export_token).preview()


def _export_token() -> None:
    pulumi.export("token", pulumi.Config().require_secret("token"))


@pytest.mark.parametrize(
    ("passphrase", "message"),
    [
        (None, "Pulumi.dev.yaml holds secrets, and there is no passphrase: set PULUMI_CONFIG_PASSPHRASE or"),
        ("wrong", "Pulumi.dev.yaml: incorrect passphrase: correct PULUMI_CONFIG_PASSPHRASE or"),
    ],
)
def test_a_wrong_or_missing_passphrase_is_told(project_dir: Path, passphrase: str | None, message: str) -> None:
    secret_stack(project_dir)
    with pytest.raises(EngineError) as failure:
        load(project_dir, passphrase=passphrase)
    assert message in str(failure.value)


def test_a_stack_without_secrets_needs_no_passphrase(project_dir: Path) -> None:
    write(project_dir, f"encryptionsalt: {SALT_LINE}\nconfig:\n  shop:a: b\n")
    assert load(project_dir).config == {"shop:a": "b"}


@pytest.mark.parametrize(
    ("stack", "message"),
    [
        ("config:\n  a: [1\n", "Pulumi.dev.yaml, line 3 column 1: invalid YAML"),
        ("config:\n  a: 1\n  a: 2\n", "line 3 column 3: invalid YAML: the key 'a' is given twice"),
        ("config: text\n", "Pulumi.dev.yaml: config must be a mapping of keys to values"),
        ("- a\n", "Pulumi.dev.yaml must be a YAML mapping, not a list"),
        ("environment: [prod]\n", "environment (Pulumi ESC) needs the pulumi CLI"),
        (
            "config:\n  a:\n    secure: v1:x\n",
            "Pulumi.dev.yaml: shop:a is encrypted, but the file has no encryptionsalt",
        ),
        (
            f"encryptionsalt: {SALT_LINE}\nconfig:\n  a:\n    secure: v1:AAAA:BBBB\n",
            "Pulumi.dev.yaml: shop:a: an encrypted value cannot be decrypted",
        ),
        (f"encryptionsalt: {SALT_LINE}\nconfig:\n  a:\n    secure: nonsense\n", "not in the form v1:<nonce>:<cipher"),
        (
            "shop:models: [{name: iris}]\nconfig:\n  shop:a: b\n",
            "Pulumi.dev.yaml: shop:models stands outside config:; indent it below config:",
        ),
        (
            "kong:kongAdminUri: http://a.test\nmodels: []\n",
            "Pulumi.dev.yaml: kong:kongAdminUri, models stand outside config:; indent them below config:",
        ),
        ("encryptionsalt: nonsense\nconfig:\n  a:\n    secure: v1:AAAA:BBBB\n", "encryptionsalt is not in the form"),
    ],
)
def test_a_bad_stack_file_is_told_with_its_place(project_dir: Path, stack: str, message: str) -> None:
    write(project_dir, stack)
    with pytest.raises(EngineError) as failure:
        load(project_dir, passphrase=PASSPHRASE)
    assert message in str(failure.value) and len(str(failure.value).splitlines()) <= 2


def test_every_key_of_pulumi_may_stand_beside_config(project_dir: Path) -> None:
    write(project_dir, f"secretsprovider: passphrase\nencryptedkey: a\nencryptionsalt: {SALT_LINE}\nconfig: {{a: b}}\n")
    assert load(project_dir).config == {"shop:a": "b"}


def test_a_secret_without_a_salt_is_told_with_its_place_and_what_to_do(project_dir: Path) -> None:
    write(project_dir, "config:\n  shop:consumers:\n    - name: web\n      key: {secure: AAAB}\n")
    with pytest.raises(EngineError) as failure:
        load(project_dir, passphrase=PASSPHRASE)
    assert str(failure.value).partition("Pulumi.dev.yaml: ")[2] == (
        "shop:consumers[0].key is encrypted, but the file has no encryptionsalt, and only what a passphrase encrypts "
        "can be read here. Encrypt all of it anew: pulumi stack change-secrets-provider passphrase --stack dev. "
        "For a new stack: pulumi stack init dev --secrets-provider passphrase, then "
        "pulumi config set --secret --path 'shop:consumers[0].key' --stack dev. "
        "Or leave a consumer's key out: one is generated"
    )


def test_missing_files_are_named(project_dir: Path) -> None:
    with pytest.raises(EngineError, match=r"no stack named 'prod': there is no .*Pulumi.prod.yaml; .* are dev"):
        Project.load(project_dir, "prod", passphrase=None, overrides={})
    (project_dir / "Pulumi.yaml").unlink()
    with pytest.raises(EngineError, match=r"there is no .*Pulumi.yaml"):
        load(project_dir)


@pytest.mark.parametrize("stack", ["../dev", "", "a b", "a/b"])
def test_a_stack_name_cannot_leave_the_folder(project_dir: Path, stack: str) -> None:
    with pytest.raises(EngineError, match="the stack name"):
        Project.load(project_dir, stack, passphrase=None, overrides={})


def test_a_project_without_a_name_is_refused(project_dir: Path) -> None:
    (project_dir / "Pulumi.yaml").write_text("runtime: python\n")
    with pytest.raises(EngineError, match="name is missing"):
        load(project_dir)
