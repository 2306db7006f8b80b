"""``python -m ops status``: from the stack's files to an exit code."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from local.engine.passphrase import PassphraseCipher
from ops.__main__ import main
from tests.ops.fake_admin import FakeAdmin, serve
from tests.ops.status.metrics_texts import NODE_A, NODE_B, QUIET
from tests.stores.support.valkey import free_port, valkey

TOKEN = "adm1n-t0ken-0123456789"
MODELS = """
  inference-edge:models:
    - name: digits
      version: "2"
      endpoint: "http://127.0.0.1:8080/invocations"
      cost: {perCall: 0.0002, asOf: 2026-11-01}
"""
CLOUDFRONT = """
  aws:allowedAccountIds: ["123456789012"]
  aws:region: us-east-1
  inference-edge:edge: {provider: cloudfront, origin: {domain: kong.example.com}}"""
CLOUD_CDN = """
  gcp:project: local-stand-in.
  inference-edge:edge:
    provider: cloud-cdn
    aliases: [predict.example.com]
    certificateIds: [projects/p/locations/global/certificates/predict]
    origin: {domain: kong.example.com}"""


def run(project: Path, *more: str) -> int:
    return main(["status", "--stack", "dev", "--project-dir", str(project), "--state-dir", str(project / "st"), *more])


def write_stack(project: Path, config: str = MODELS, salt: str = "") -> None:
    (project / "Pulumi.dev.yaml").write_text(f"{salt}config:{config}")


def kong(text: str = QUIET, **others: Any) -> FakeAdmin:
    return FakeAdmin(answers={"/metrics": (200, "text/plain; charset=UTF-8", text)}, **others)


def write_state(project: Path, *resources: dict[str, Any]) -> None:
    state = project / "st" / "inference-edge" / "dev.json"
    state.parent.mkdir(parents=True)
    rows = [{"urn": f"urn:pulumi:dev::inference-edge::{row['type']}::r", "custom": False, **row} for row in resources]
    state.write_text(json.dumps({"version": 1, "serial": 1, "secrets": {}, "resources": rows, "pending": []}))


def told(capsys: pytest.CaptureFixture[str]) -> dict[str, Any]:
    return json.loads(capsys.readouterr().out)


def test_the_node_behind_the_admin_api_is_asked(project: Path, capsys: pytest.CaptureFixture[str]) -> None:
    with serve(kong(NODE_A)) as admin:
        write_stack(project, f"\n  kong:kongAdminUri: {admin.uri}{MODELS}")
        assert run(project) == 0
    shown = capsys.readouterr().out
    assert shown.startswith("Stack dev: what 1 node of Kong counted since its start.\n")
    assert "at 0.0002 USD a call as of 2026-11-01" in shown
    assert "Edge" not in shown and "Shared cache" not in shown


def test_nodes_are_summed(project: Path, capsys: pytest.CaptureFixture[str]) -> None:
    write_stack(project)
    with serve(kong(NODE_A)) as a, serve(kong(NODE_B)) as b:
        assert run(project, "--json", "--node", a.uri, "--node", f"{b.uri}/metrics", "--node", f"{a.uri}/") == 0
    document = told(capsys)
    assert [node["name"] for node in document["nodes"]] == [a.uri, b.uri]
    assert document["models"][0]["requests"] == 1387
    assert document["models"][0]["saved"]["money"] == pytest.approx(0.204)


def test_a_node_that_is_lost_gives_1_and_the_others_are_shown(
    project: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    write_stack(project)
    gone = f"http://127.0.0.1:{free_port()}"
    with serve(kong(NODE_A)) as a:
        assert run(project, "--node", a.uri, "--node", gone) == 1
    shown = capsys.readouterr().out
    assert shown.startswith("Stack dev: what 1 of 2 nodes of Kong counted since their start.\n")
    assert f"  x {gone}: cannot connect: connection refused\n" in shown
    assert "1,007" in shown


def test_without_any_node_there_are_no_models(project: Path, capsys: pytest.CaptureFixture[str]) -> None:
    write_stack(project, f"\n  kong:kongAdminUri: http://127.0.0.1:{free_port()}{MODELS}")
    assert run(project) == 1
    shown = capsys.readouterr().out
    assert "no requests yet" not in shown
    assert "start Kong, or correct the address" in shown


def test_the_numbers_of_an_interval(project: Path, capsys: pytest.CaptureFixture[str]) -> None:
    write_stack(project)
    with serve(kong(NODE_A)) as a:
        assert run(project, "--json", "--interval", "0.01", "--node", a.uri) == 0
    document = told(capsys)
    assert (document["interval_seconds"], document["models"][0]["requests"]) == (0.01, 0)


def test_ctrl_c_in_the_interval_ends_it_without_a_traceback(
    project: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    def interrupt(_: float) -> None:
        raise KeyboardInterrupt

    monkeypatch.setattr("ops.status.command.sleep", interrupt)
    write_stack(project)
    with serve(kong(NODE_A)) as a:
        assert run(project, "--interval", "10", "--node", a.uri) == 130
    assert capsys.readouterr().out == ""


def test_an_encrypted_token_is_used_and_never_printed(
    project: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("PULUMI_CONFIG_PASSPHRASE", "correct horse")
    salt = PassphraseCipher.new_salt_line("correct horse")
    cipher = PassphraseCipher.open(salt, "correct horse", "test")
    asked = []

    class Asked(FakeAdmin):
        def answer(self, target: str, token: str | None) -> tuple[int, str, str]:
            asked.append(token)
            if token == TOKEN:
                return super().answer(target, token)
            return 401, "application/json", f'{{"message": "Unauthorized", "token": "{token}"}}'

    with serve(Asked(answers={"/metrics": (200, "text/plain", QUIET)})) as admin:
        for token, code in ((TOKEN, 0), (TOKEN + "-wrong", 1)):
            config = f"\n  kong:kongAdminUri: {admin.uri}\n  kong:kongAdminToken: {{secure: '{cipher.encrypt(token)}'}}"
            write_stack(project, config + MODELS, f"encryptionsalt: {salt}\n")
            assert run(project) == code
            assert run(project, "--json") == code
    assert TOKEN in asked
    shown = "".join(capsys.readouterr())
    assert "refuses the admin token (401)" in shown
    assert TOKEN not in shown


def test_the_admin_token_goes_to_no_node(project: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("KONG_ADMIN_TOKEN", TOKEN)
    write_stack(project)
    asked = []

    class Asked(FakeAdmin):
        def answer(self, target: str, token: str | None) -> tuple[int, str, str]:
            asked.append(token)
            return super().answer(target, token)

    with serve(Asked(answers={"/metrics": (200, "text/plain", QUIET)})) as a:
        assert run(project, "--node", a.uri) == 0
    assert asked == [None]


@pytest.mark.parametrize(
    "options",
    [
        ("--node", "10.0.0.5:8100"),
        ("--node", "http://"),
        ("--node", "http://user:s3cret@10.0.0.5:x"),
        ("--interval", "0"),
        ("--interval", "soon"),
        ("--interval", "inf"),
        ("--interval", "1e10"),
        ("--node", "http://10.0.0.5:8100?key=s3cret"),
        ("--node", "http://10.0.0.5:8100#s3cret"),
    ],
)
def test_options_that_are_wrong_give_2(
    project: Path, options: tuple[str, ...], capsys: pytest.CaptureFixture[str]
) -> None:
    write_stack(project)
    with pytest.raises(SystemExit) as ended:
        run(project, *options)
    assert ended.value.code == 2
    shown = capsys.readouterr().err
    assert f"argument {options[0]}: " in shown
    assert "s3cret" not in shown


def test_a_stack_that_is_wrong_or_not_there_gives_2(project: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert run(project) == 2
    assert "no stack named 'dev'" in capsys.readouterr().err
    write_stack(project, MODELS.replace('"2"', "2"))
    assert run(project, "--json") == 2
    shown = capsys.readouterr()
    assert "inference-edge:models[0].version = 2: must be" in shown.err
    assert shown.out == ""


def test_nodes_that_are_not_asked_are_told(project: Path, capsys: pytest.CaptureFixture[str]) -> None:
    sharded = """
  inference-edge:kong: {topology: sharded, nodes: ["10.0.0.5:8000", "10.0.0.6:8000"]}"""
    models = MODELS + "      cache: {store: memory}\n"
    with serve(kong()) as admin:
        write_stack(project, f"\n  kong:kongAdminUri: {admin.uri}{sharded}{models}")
        assert run(project, "--json") == 0
        document = told(capsys)
        assert run(project, "--json", "--node", admin.uri) == 0
    note = "the stack has 2 nodes, this is one of them; name each by its Status API: --node URL"
    assert document["notes"] == [note]
    assert told(capsys)["notes"] == []


def test_a_node_of_another_stack_is_told(project: Path, capsys: pytest.CaptureFixture[str]) -> None:
    write_stack(project)
    with serve(kong(NODE_A.replace('model="digits"', 'model="others"'))) as a:
        assert run(project, "--node", a.uri) == 0
    assert f"  ! {a.uri} counts other models only: is it a node of another stack?" in capsys.readouterr().out


def test_json_is_json_whatever_a_node_tells(project: Path, capsys: pytest.CaptureFixture[str]) -> None:
    write_stack(project, MODELS.replace("perCall: 0.0002", "perCall: 1000000"))
    lines = (line.rpartition(" ") for line in NODE_A.splitlines() if line.startswith("kong_"))
    huge = "\n".join(f"{series} {value}" for series, _, _ in lines for value in ("NaN", "+Inf", "-1", "9e17"))
    with serve(kong(huge.replace('"cookie"', '"\x1b[2J\\n\u202e"'))) as a:
        assert run(project, "--json", "--node", a.uri) == 0
        out = capsys.readouterr().out
        assert run(project, "--node", a.uri) == 0
    assert json.loads(out, parse_constant=pytest.fail)["models"][0]["requests"] == 9 * 9 * 10**17
    assert "\x1b" not in out + capsys.readouterr().out


@pytest.mark.parametrize(
    ("edge", "problem"),
    [
        (CLOUDFRONT, "it is not deployed from here, so that its id is unknown: make up STACK=dev"),
        (CLOUDFRONT.replace("123456789012", "000000000000"), "the local stand-in has no metrics"),
        (CLOUD_CDN, "the local stand-in has no metrics"),
    ],
)
def test_an_edge_without_numbers_is_told_and_the_rest_is_shown(
    project: Path, capsys: pytest.CaptureFixture[str], edge: str, problem: str
) -> None:
    models = MODELS + "      cache: {shareable: true}\n      access: {mode: open}\n      retries: 0\n"
    models += "      timeouts: {connectSeconds: 1, readSeconds: 10}\n"
    write_stack(project, edge + models)
    with serve(kong(NODE_A)) as a:
        assert run(project, "--json", "--node", a.uri) == 0
    document = told(capsys)
    assert document["edge"] == {"problem": problem}
    assert document["models"][0]["requests"] == 1007


@pytest.mark.usefixtures("no_credentials")
def test_a_deployed_edge_is_asked_by_its_id(project: Path, capsys: pytest.CaptureFixture[str]) -> None:
    write_stack(project, CLOUDFRONT + MODELS)
    write_state(project, {"type": "pulumi:pulumi:Stack", "outputs": {"edgeId": "E1EXAMPLE"}})
    with serve(kong()) as a:
        assert run(project, "--json", "--node", a.uri) == 0
    assert told(capsys)["edge"] == {"problem": "Unable to locate credentials"}


def test_the_shared_cache_is_asked_with_the_stacks_credentials(
    project: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("PULUMI_CONFIG_PASSPHRASE", "correct horse")
    salt = PassphraseCipher.new_salt_line("correct horse")
    cipher = PassphraseCipher.open(salt, "correct horse", "test")
    models = MODELS + "      cache: {store: redis}\n"
    with serve(kong()) as a, valkey(f"requirepass {TOKEN}") as cache:
        for password in (TOKEN, TOKEN + "-wrong"):
            server = f"{{url: '{cache.url}', password: {{secure: '{cipher.encrypt(password)}'}}}}"
            write_stack(project, f"\n  inference-edge:sharedCache: {server}{models}", f"encryptionsalt: {salt}\n")
            assert run(project, "--node", a.uri) == 0
    shown = "".join(capsys.readouterr())
    assert f"Shared cache 127.0.0.1:{cache.port}: " in shown
    assert f"Shared cache: not known from here, 127.0.0.1:{cache.port} refuses the default user: " in shown
    assert TOKEN not in shown


def test_a_cache_of_the_stack_is_asked_once_it_is_made(project: Path, capsys: pytest.CaptureFixture[str]) -> None:
    network = "{region: europe-west1, network: projects/p-12345/global/networks/kong}"
    made = f"\n  inference-edge:sharedCache: {{provider: memorystore, memorystore: {network}}}"
    write_stack(project, made + MODELS + "      cache: {store: redis}\n")
    with serve(kong()) as a, valkey() as cache:
        assert run(project, "--json", "--node", a.uri) == 0
        problem = {"problem": "it is not deployed from here: make up STACK=dev"}
        assert told(capsys)["shared_cache"] == problem
        redis = {"host": "127.0.0.1", "port": cache.port, "tls": False}
        inputs = {"model": "digits", "cache": {"store": "redis"}, "redis": redis}
        write_state(project, {"type": "inference-edge:index:KongCachedRoute", "inputs": inputs})
        assert run(project, "--json", "--node", a.uri) == 0
    assert told(capsys)["shared_cache"]["address"] == f"127.0.0.1:{cache.port}"


def test_help_has_examples_and_exit_codes(capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(SystemExit) as ended:
        main(["status", "--help"])
    assert ended.value.code == 0
    shown = capsys.readouterr().out
    assert "examples:\n  make status STACK=dev " in shown
    assert "exit code: 0 the numbers of all nodes are shown" in shown
