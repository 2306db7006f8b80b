"""``python -m ops plan``: from a log to advice that the stack takes, with exit codes that scripts can use."""

from __future__ import annotations

import argparse
import datetime
import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import duckdb
import pytest
import yaml

from ops.__main__ import main
from ops.plan.command import memory_bytes
from ops.plan.log_table import LogTable
from settings import Settings, parse_settings

SECRET = "s3cret-body-of-nobody-else"
STACK = """\
config:
  inference-edge:models:
    - name: digits
      version: "7"
      endpoint: http://127.0.0.1:8080/invocations
      cost: {perInstanceHour: 3.6, concurrency: 2, currency: EUR, asOf: 2026-11-01}
      cache: {store: memory, excludeFields: [trace], maxBodyBytes: 20000}
    - {name: other, version: "1", endpoint: "http://127.0.0.1:8081/invocations"}
"""


def record(i: int, **more: Any) -> dict[str, Any]:
    """Fifty questions in turn, one every ten seconds, each with an id of its own."""
    body = {"q": i % 50, "id": i, "text": SECRET}
    return {"time": 1_793_491_200 + 10 * i, "model": "digits", "body": body, "answer": {"a": i % 50}, **more}


@pytest.fixture
def log(tmp_path: Path) -> Callable[..., Path]:
    """log(make=record, requests=1_000) is the path of a log."""

    def written(make: Callable[[int], dict[str, Any]] = record, requests: int = 1_000) -> Path:
        path = tmp_path / "requests.jsonl"
        path.write_text("".join(json.dumps(make(i)) + "\n" for i in range(requests)))
        return path

    return written


@pytest.fixture
def project(project: Path) -> Path:
    (project / "Pulumi.dev.yaml").write_text(STACK)
    return project


@pytest.fixture
def planned(capsys: pytest.CaptureFixture[str]) -> Callable[..., dict[str, Any]]:
    """planned(log, "--stack", ...) is what --json prints."""

    def run(*arguments: object) -> dict[str, Any]:
        assert main(["plan", *map(str, arguments), "--json"]) == 0
        return json.loads(capsys.readouterr().out)

    return run


def settings_of(stack_config: str) -> Settings:
    """The printed block, as the stack's file would have it."""
    config = yaml.safe_load(stack_config)["config"]
    return parse_settings({name.removeprefix("inference-edge:"): value for name, value in config.items()})


def test_the_report_tells_what_to_set_and_the_block_is_stack_config(log, capsys) -> None:
    assert main(["plan", str(log()), "--price", "0.002", "--currency", "EUR", "--as-of", "2026-11-01"]) == 0
    out = capsys.readouterr().out
    head, block = out.split("For Pulumi.<stack>.yaml:\n")
    assert head.startswith("digits: keep answers 2 h without the field id, in 1 MiB: 90.0 % hits\n")
    assert "1,000 requests in 2.8 h, 1,000 distinct inputs" in head
    assert "No recorded answer ever changed" in head and " EUR a month" in head
    settings = settings_of(block)
    (model,) = settings.models
    assert (model.name, model.cache.ttl_seconds, model.cache.exclude_fields) == ("digits", 7_200, ("id",))
    assert model.cost and (model.cost.per_call, model.cost.as_of) == (0.002, datetime.date(2026, 11, 1))
    assert 'KONG_NGINX_HTTP_LUA_SHARED_DICT="prediction_cache ' in block


def test_a_model_is_one_screen(log, capsys) -> None:
    assert main(["plan", str(log())]) == 0
    head = capsys.readouterr().out.split("For Pulumi")[0].splitlines()
    assert len(head) <= 40 and max(map(len, head)) <= 80


def test_json_has_everything_by_stable_names(log, planned) -> None:
    plan = planned(log())
    assert sorted(plan) == ["dictionary_bytes", "lines", "log", "models", "skipped", "stack_config"]
    (model,) = plan["models"]
    assert sorted(model) == [
        *("advice", "advised_ttl_curve", "bypasses", "callers", "changes", "distinct", "entry_bytes", "fields"),
        *("fields_ttl_seconds", "has_bodies", "is_size_assumed", "max_memory_bytes", "mean_seconds", "memory_curve"),
        *("model", "requests", "savings", "span_seconds", "start", "store", "ttl_curve"),
    ]
    assert sorted(model["ttl_curve"][0]) == ["comparable", "hit_ratio", "hits", "ttl_seconds", "wrong"]
    assert sorted(model["memory_curve"][0]) == ["hit_ratio", "hits", "memory_bytes"]
    assert model["advice"]["exclude_field"] == "id" and model["advice"]["reasons"]
    assert model["changes"]["shortest_seconds"] is None
    assert {field["name"]: field["recommended"] for field in model["fields"]} == {"id": True, "q": False, "text": False}
    assert plan["dictionary_bytes"] >= model["advice"]["memory_bytes"] == 2**20


def test_the_stack_gives_prices_stores_and_rules_and_its_entry_stays_as_it_is(log, project, planned) -> None:
    def with_trace(i: int) -> dict[str, Any]:
        return record(i, body={"q": i % 50, "trace": str(i)}, latency_ms=100)

    plan = planned(log(with_trace), "--stack", "dev", "--project-dir", project)
    (model,) = plan["models"]
    assert (model["store"], model["distinct"]) == ("memory", 50)  # trace is left out already
    assert model["savings"]["saved_per_day"] == pytest.approx(model["savings"]["saved_calls_per_day"] * 5e-5)
    assert (model["savings"]["currency"], model["savings"]["as_of"]) == ("EUR", "2026-11-01")
    (entry,) = settings_of(plan["stack_config"]).models
    assert (entry.version, entry.endpoint) == ("7", "http://127.0.0.1:8080/invocations")
    assert (entry.cache.store, entry.cache.exclude_fields, entry.cache.max_body_bytes) == ("memory", ("trace",), 20_000)
    assert entry.cache.ttl_seconds == model["advice"]["ttl_seconds"]


def test_a_field_is_added_to_those_of_the_stack(log, project, planned) -> None:
    plan = planned(log(), "--stack", "dev", "--project-dir", project)
    (entry,) = settings_of(plan["stack_config"]).models
    assert entry.cache.exclude_fields == ("trace", "id")


def test_a_model_that_should_not_be_cached_is_switched_off(log, planned) -> None:
    plan = planned(log(lambda i: record(i, body={"q": i % 5}, answer=i)))
    assert plan["models"][0]["advice"]["ttl_seconds"] is None
    assert "answers differently from call to call" in plan["models"][0]["advice"]["reasons"][0]
    (model,) = settings_of(plan["stack_config"]).models
    assert not model.cache.enabled


def test_several_models_share_one_dictionary(log, planned) -> None:
    made = log(lambda i: record(i, model=("digits", "other")[i % 2], body={"q": i % 50}, answer_bytes=60_000))
    plan = planned(made)
    assert [model["model"] for model in plan["models"]] == ["digits", "other"]
    kept = sum(model["advice"]["memory_bytes"] for model in plan["models"])
    assert plan["dictionary_bytes"] == max(kept, plan["dictionary_bytes"]) >= 4 * 2**20
    assert [model.name for model in settings_of(plan["stack_config"]).models] == ["digits", "other"]
    assert [model["model"] for model in planned(made, "--model", "other")["models"]] == ["other"]


def test_a_name_that_no_stack_takes_is_told_in_the_block(log, planned) -> None:
    block = planned(log(lambda i: record(i, model="GPT 4")))["stack_config"]
    assert "# to be corrected: inference-edge:models[0].name" in block
    yaml.safe_load(block)


def test_digests_without_answers_give_no_field_and_say_what_was_not_checked(log, planned) -> None:
    digests = planned(log(lambda i: {"time": 10 * i, "model": "digits", "digest": f"d{i % 50}"}))["models"][0]
    assert (digests["has_bodies"], digests["fields"], digests["is_size_assumed"]) == (False, [], True)
    reasons = " ".join(digests["advice"]["reasons"])
    assert "could not be checked" in reasons and "does not tell how large answers are" in reasons


@pytest.mark.parametrize(
    ("line", "told"),
    [("{", "line 3"), ('{"time": "yesterday", "model": "m", "digest": "d"}', "line 3"), ("[]", "line 3")],
)
def test_a_wrong_line_is_named_and_never_shown(tmp_path, capsys, line, told) -> None:
    good = json.dumps(record(0))
    path = tmp_path / "log.jsonl"
    path.write_text("\n".join([good, good, line.replace("yesterday", SECRET), good]) + "\n")
    assert main(["plan", str(path)]) == 2
    out, err = capsys.readouterr()
    assert not out and str(path) in err and told in err and SECRET not in err


def test_what_the_command_line_names_must_be_there(log, tmp_path, capsys) -> None:
    assert main(["plan", str(tmp_path / "missing.jsonl")]) == 2
    assert "missing.jsonl" in capsys.readouterr().err
    assert main(["plan", str(log()), "--model", "unknown"]) == 2
    assert "has no model unknown; it has digits" in capsys.readouterr().err
    empty = tmp_path / "empty.jsonl"
    empty.write_text("")
    assert main(["plan", str(empty)]) == 2


def test_a_stack_that_cannot_be_read_is_told(log, project, capsys) -> None:
    assert main(["plan", str(log()), "--stack", "staging", "--project-dir", str(project)]) == 2
    assert "no stack named 'staging'" in capsys.readouterr().err
    (project / "Pulumi.dev.yaml").write_text(STACK.replace('version: "7"', "version: 7"))
    assert main(["plan", str(log()), "--stack", "dev", "--project-dir", str(project)]) == 2
    assert "inference-edge:models[0].version = 7: must be" in capsys.readouterr().err


def test_a_page_that_cannot_be_written_is_told(log, tmp_path, capsys) -> None:
    assert main(["plan", str(log()), "--html", str(tmp_path / "no" / "such.html")]) == 1
    assert "such.html cannot be written: No such file" in capsys.readouterr().err


def test_a_page_never_takes_the_place_of_the_log(log, capsys) -> None:
    path = log(requests=5)
    before = path.read_bytes()
    assert main(["plan", str(path), "--html", str(path.parent / "." / path.name)]) == 2
    assert "would overwrite the log" in capsys.readouterr().err
    assert path.read_bytes() == before


def test_no_body_and_no_answer_is_printed(log, tmp_path, capsys) -> None:
    page = tmp_path / "plan.html"
    for more in ([], ["--json"]):
        assert main(["plan", str(log()), "--html", str(page), *more]) == 0
    assert SECRET not in "".join(capsys.readouterr()) + page.read_text()


@pytest.mark.parametrize(
    "wrong",
    [("--price", "0"), ("--price", "nan"), ("--currency", "usd"), ("--as-of", "soon"), ("--max-memory", "64m")],
)
def test_a_wrong_option_ends_with_2(log, capsys, wrong) -> None:
    with pytest.raises(SystemExit) as ended:
        main(["plan", str(log()), *wrong])
    assert ended.value.code == 2
    assert wrong[0] in capsys.readouterr().err


def test_sizes_are_binary() -> None:
    assert (memory_bytes("1MiB"), memory_bytes("2GiB"), memory_bytes("1024KiB")) == (2**20, 2**31, 2**20)
    with pytest.raises(argparse.ArgumentTypeError, match="at least 1MiB"):
        memory_bytes("1023KiB")


def test_help_has_examples_and_exit_codes(capsys) -> None:
    with pytest.raises(SystemExit):
        main(["plan", "--help"])
    out = capsys.readouterr().out
    assert "python -m ops plan requests.jsonl" in out and "exit code: 0 done" in out


def test_names_that_would_move_the_cursor_are_shown_without_that(log, capsys) -> None:
    hostile = "di\x1b[31m\ngits"
    assert main(["plan", str(log(lambda i: record(i, model=hostile, bypass=hostile), 20))]) == 0
    out = capsys.readouterr().out
    assert "\x1b" not in out and "di\ufffd[31m\ufffdgits" in out
    models = yaml.safe_load(out.split("For Pulumi.<stack>.yaml:\n")[1])["config"]["inference-edge:models"]
    assert models[0]["name"] == hostile


@pytest.mark.parametrize(
    ("error", "text"),
    [(duckdb.InterruptException, "INTERRUPT Error: Interrupted!"), (RuntimeError, "Query interrupted")],
)
def test_ctrl_c_is_no_traceback(log, capsys, monkeypatch, error: type[Exception], text: str) -> None:
    def interrupted(_: LogTable) -> None:
        raise error(text)

    monkeypatch.setattr("ops.plan.log_table.LogTable.lines", interrupted)
    assert main(["plan", str(log(requests=5))]) == 130
    assert capsys.readouterr().err.endswith("interrupted\n")


def test_a_full_disk_is_named_and_is_not_the_logs_fault(log, capsys, monkeypatch) -> None:
    def full(table: LogTable) -> None:
        folder = Path(table._connection.execute("SELECT path FROM duckdb_databases()").fetchall()[0][0]).parent
        raise duckdb.IOException(f'IO Error: Could not write file "{folder}/log.duckdb": No space left on device')

    monkeypatch.setattr("ops.plan.log_table.LogTable.lines", full)
    assert main(["plan", str(log(requests=5))]) == 1
    assert "No space left on device; TMPDIR names another" in capsys.readouterr().err
