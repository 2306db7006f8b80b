"""``python -m ops check``: from the stack's files to an exit code."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from local.engine.passphrase import PassphraseCipher
from ops.__main__ import main
from tests.ops.fake_admin import FakeAdmin, serve
from tests.stores.support.valkey import free_port, valkey

TOKEN = "adm1n-t0ken-0123456789"
MODELS = """
  inference-edge:models:
    - {name: digits, version: "1", endpoint: "http://127.0.0.1:8080/invocations"}
"""


def run(project: Path, *more: str) -> int:
    return main(["check", "--stack", "dev", "--project-dir", str(project), "--state-dir", str(project / "st"), *more])


def write_stack(project: Path, config: str, salt: str = "") -> None:
    (project / "Pulumi.dev.yaml").write_text(f"{salt}config:{config}")


def test_a_kong_that_is_ready_gives_0(project: Path, capsys: pytest.CaptureFixture[str]) -> None:
    with serve(FakeAdmin()) as admin:
        write_stack(project, f"\n  kong:kongAdminUri: {admin.uri}{MODELS}")
        assert run(project) == 0
    assert capsys.readouterr().out.splitlines() == [f"Kong 3.10.0 at {admin.uri} is ready for stack dev."]


def test_a_kong_that_is_not_gives_1_and_says_what_to_set(project: Path, capsys: pytest.CaptureFixture[str]) -> None:
    write_stack(project, MODELS)
    admin = FakeAdmin()
    admin.configuration["untrusted_lua"] = "off"
    admin.root["version"] = "4.0.0"
    with serve(admin):
        assert run(project, "--admin-uri", admin.uri) == 1
    assert capsys.readouterr().out.splitlines() == [
        f"Kong 4.0.0 at {admin.uri} is not ready for stack dev: 1 problem.",
        "  x untrusted_lua: untrusted_lua is off; Kong then closes the connection of every request that runs the "
        "key's Lua",
        "      set KONG_UNTRUSTED_LUA=sandbox and restart Kong",
        "  ! version: 4.0.0 is newer than what this project is tested with",
    ]


def test_json_holds_the_findings(project: Path, capsys: pytest.CaptureFixture[str]) -> None:
    write_stack(project, MODELS)
    admin = FakeAdmin()
    admin.configuration["database"] = "off"
    with serve(admin):
        assert run(project, "--json", "--admin-uri", admin.uri) == 1
    report = json.loads(capsys.readouterr().out)
    assert (report["stack"], report["version"], report["ok"]) == ("dev", "3.10.0", False)
    assert [finding["check"] for finding in report["findings"]] == ["database"]


@pytest.mark.parametrize("token", [TOKEN, "wrong-" + TOKEN])
def test_an_encrypted_token_is_used_and_never_printed(
    project: Path, token: str, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("PULUMI_CONFIG_PASSPHRASE", "correct horse")
    salt = PassphraseCipher.new_salt_line("correct horse")
    secure = PassphraseCipher.open(salt, "correct horse", "test").encrypt(token)
    with serve(FakeAdmin(token=TOKEN)) as admin:
        config = f"\n  kong:kongAdminUri: {admin.uri}\n  kong:kongAdminToken: {{secure: '{secure}'}}{MODELS}"
        write_stack(project, config, f"encryptionsalt: {salt}\n")
        assert run(project) == (0 if token == TOKEN else 1)
    assert TOKEN not in "".join(capsys.readouterr())


def test_the_token_may_come_from_the_environment(project: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("KONG_ADMIN_TOKEN", TOKEN)
    write_stack(project, MODELS)
    with serve(FakeAdmin(token=TOKEN)) as admin:
        assert run(project, "--admin-uri", admin.uri) == 0


def test_secrets_in_plain_text_are_told_but_not_shown(
    project: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("PULUMI_CONFIG_PASSPHRASE", "correct horse")
    salt = PassphraseCipher.new_salt_line("correct horse")
    secure = PassphraseCipher.open(salt, "correct horse", "test").encrypt("0123456789abcdef")
    consumers = f"""
  inference-edge:consumers:
    - {{name: web, key: {{secure: '{secure}'}}}}
    - {{name: batch, key: plain-0123456789abcdef}}"""
    with serve(FakeAdmin(token=TOKEN)) as admin:
        config = f"\n  kong:kongAdminUri: {admin.uri}\n  kong:kongAdminToken: {TOKEN}{consumers}{MODELS}"
        write_stack(project, config, f"encryptionsalt: {salt}\n")
        assert run(project) == 1
    out = "".join(capsys.readouterr())
    assert "kong:kongAdminToken stands in the stack file in plain text" in out
    assert "inference-edge:consumers[1].key stands in the stack file in plain text" in out
    assert "consumers[0]" not in out
    assert TOKEN not in out and "0123456789abcdef" not in out


def test_a_bad_config_is_told_as_a_deployment_would(project: Path, capsys: pytest.CaptureFixture[str]) -> None:
    write_stack(project, MODELS.replace('"1"', "1"))
    assert run(project) == 2
    assert "inference-edge:models[0].version = 1: must be" in capsys.readouterr().err
    assert run(project, "--json") == 2
    assert json.loads(capsys.readouterr().out)["findings"][0]["check"] == "config"


def test_an_address_that_is_wrong_is_corrected_where_it_stands(
    project: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    write_stack(project, f"\n  kong:kongAdminUri: localhost:8001{MODELS}")
    assert run(project) == 1
    assert "correct it: pulumi config set kong:kongAdminUri URL --stack dev" in capsys.readouterr().out
    assert run(project, "--admin-uri", "localhost:8001") == 1
    assert "correct it: --admin-uri URL" in capsys.readouterr().out


def test_an_unknown_stack_is_told(project: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert run(project) == 2
    assert "no stack named 'dev'" in capsys.readouterr().err


def test_orphans_are_found_with_the_embedded_engines_state(project: Path, capsys: pytest.CaptureFixture[str]) -> None:
    write_stack(project, MODELS)
    state = project / "st" / "inference-edge" / "dev.json"
    state.parent.mkdir(parents=True)
    service = {"urn": "urn:pulumi:dev::inference-edge::kong:index/service:Service::s", "id": "s1", "custom": True}
    resources = [{**service, "type": "kong:index/service:Service"}]
    state.write_text(json.dumps({"version": 1, "serial": 1, "secrets": {}, "resources": resources, "pending": []}))
    tags = ["project:inference-edge", "stack:dev"]
    found = [{"id": id_, "name": f"inference-edge-dev-{id_}", "tags": tags} for id_ in ("s1", "s2")]
    with serve(FakeAdmin(entities={"services": found})) as admin:
        assert run(project, "--json", "--admin-uri", admin.uri) == 0
    (orphan,) = json.loads(capsys.readouterr().out)["findings"]
    assert orphan["message"].startswith("inference-edge-dev-s2 in services")


def test_the_shared_cache_is_asked_with_the_stacks_credentials(
    project: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("PULUMI_CONFIG_PASSPHRASE", "correct horse")
    salt = PassphraseCipher.new_salt_line("correct horse")
    cipher = PassphraseCipher.open(salt, "correct horse", "test")
    models = MODELS.replace("name: digits,", "name: digits, cache: {store: redis},")
    admin = FakeAdmin()
    admin.configuration["untrusted_lua_sandbox_requires"] = ["kong.plugins.prometheus.exporter", "resty.redis"]
    with serve(admin), valkey(f"requirepass {TOKEN}") as cache:
        for password, code in ((TOKEN, 0), (TOKEN + "-wrong", 1)):
            server = f"{{url: '{cache.url}', password: {{secure: '{cipher.encrypt(password)}'}}}}"
            config = f"\n  kong:kongAdminUri: {admin.uri}\n  inference-edge:sharedCache: {server}{models}"
            write_stack(project, config, f"encryptionsalt: {salt}\n")
            assert run(project) == code
    shown = "".join(capsys.readouterr())
    assert f"shared cache: 127.0.0.1:{cache.port} refuses the default user: " in shown
    assert TOKEN not in shown


def test_a_cache_of_the_stack_is_asked_once_it_is_made(project: Path, capsys: pytest.CaptureFixture[str]) -> None:
    network = "{region: europe-west1, network: projects/p-12345/global/networks/kong}"
    made = f"\n  inference-edge:sharedCache: {{provider: memorystore, memorystore: {network}}}"
    admin = FakeAdmin()
    admin.configuration["untrusted_lua_sandbox_requires"] = ["kong.plugins.prometheus.exporter", "resty.redis"]
    admin.configuration["lua_ssl_trusted_certificate"] = ["/etc/kong/server-ca.pem"]
    with serve(admin):
        models = MODELS.replace("name: digits,", "name: digits, cache: {store: redis},")
        write_stack(project, f"\n  kong:kongAdminUri: {admin.uri}{made}{models}")
        assert run(project, "--json") == 0
        assert json.loads(capsys.readouterr().out)["findings"] == []
        state = project / "st" / "inference-edge" / "dev.json"
        state.parent.mkdir(parents=True)
        redis = {"host": "127.0.0.1", "port": free_port(), "tls": False}
        inputs = {"model": "digits", "cache": {"store": "redis"}, "redis": redis}
        route = {"urn": "urn:pulumi:dev::inference-edge::inference-edge:index:KongCachedRoute::r", "custom": False}
        resources = [{**route, "type": "inference-edge:index:KongCachedRoute", "inputs": inputs}]
        state.write_text(json.dumps({"version": 1, "serial": 1, "secrets": {}, "resources": resources, "pending": []}))
        assert run(project, "--json") == 0
    (finding,) = json.loads(capsys.readouterr().out)["findings"]
    assert (finding["check"], finding["level"]) == ("shared cache", "warning")
    assert finding["message"].endswith(" cannot be reached: Connection refused")
