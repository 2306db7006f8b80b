"""``python -m ops warm`` against a gateway and a model that really run."""

from __future__ import annotations

import json
import threading
from typing import Any

import pytest

from tests.ops.warm.conftest import KEYS, WarmProject

Capture = pytest.CaptureFixture[str]


def record(body: Any, caller: str = "web", **others: Any) -> dict[str, Any]:
    return {"time": "2026-11-01T12:00:00Z", "model": "digits", "caller": caller, "body": body, **others}


@pytest.mark.parametrize("store", ["memory", "proxy-cache"])
def test_after_it_callers_get_hits_and_the_model_is_not_asked(
    project: WarmProject, store: str, capsys: Capture
) -> None:
    project.up(f"{{store: {store}, excludeFields: [id]}}")
    bodies = [{"x": number} for number in range(30)]
    log = project.write([*map(record, bodies), record({"x": 1, "id": "another"}), record('{ "x":  1.0}')])
    assert project.warm(log) == 0
    assert capsys.readouterr().out == "digits: 31 of 31 questions asked: 31 stored\n"
    assert len(project.model.calls) == 31  # {"x": 1.0} is not {"x": 1}
    assert all(project.is_hit(body) for body in bodies[2:])
    assert project.is_hit('{ "x":  1.0}')
    assert len(project.model.calls) == 31
    assert not project.is_hit(bodies[2], "batch")
    assert not project.progress_file.exists()

    assert project.warm(log) == 0
    assert capsys.readouterr().out == "digits: 31 of 31 questions asked: 31 cached already\n"
    assert len(project.model.calls) == 32  # the one of batch


def test_the_most_valuable_come_first_and_only_the_callers_own(project: WarmProject, capsys: Capture) -> None:
    project.up()
    log = project.write(
        [
            record({"x": "slow"}, latency_ms=900),
            *[record({"x": "often"}, latency_ms=100)] * 3,
            record({"x": "rare"}, latency_ms=100),
            *[record({"x": "of batch"}, "batch", latency_ms=5_000)] * 9,
            record({"x": "of another"}, model="words"),
            record({"x": [1]}, bypass="client"),
            {"time": 1, "model": "digits", "digest": "d1"},
            {"started_at": 1, "latencies": {}, "prediction_cache": {"model": "digits", "question": "d2"}},
            record('{"a": 1, "a": 2}'),
        ]
    )
    assert project.warm(log) == 2
    assert capsys.readouterr().err == (
        "nothing was asked: the file has the questions of several callers (batch, web), and digits does not share "
        "answers between them: name the one whose key this is by --caller\n"
    )
    assert project.warm(log, "--caller", "web", "--top", "2", "--json") == 0
    told = json.loads(capsys.readouterr().out)
    assert told["questions"] == told["asked"] == told["outcomes"]["stored"] == 2
    assert told["left_out"] == {
        "other callers": 9,
        "other models": 1,
        "bypassed the cache": 1,
        "digests without a body": 2,
        "not cacheable: duplicate-name": 1,
    }
    assert project.is_hit({"x": "slow"}) and project.is_hit({"x": "often"})
    assert not project.is_hit({"x": "rare"})
    assert project.warm(log, "--caller", "batch", "--key-env", "BATCH") == 2
    assert capsys.readouterr().err == (
        "nothing was asked: digits asks who calls: set BATCH to the key of a consumer of digits (web, batch), or name "
        "another by --key-env\n"
    )


def test_a_file_of_bodies_is_asked_in_its_order(project: WarmProject, capsys: Capture) -> None:
    project.up()
    file = project.write([{"model": "x", "x": 1}, "", ' { "model": "x", "x": 2 } ', [3]])
    assert project.warm(file, "--top", "2") == 0
    assert project.is_hit({"model": "x", "x": 1}) and project.is_hit('{ "model": "x", "x": 2 }')
    assert not project.is_hit([3])


def test_headers_that_callers_send_are_sent(project: WarmProject, capsys: Capture) -> None:
    project.up()
    file = project.write([{"x": 1}])
    assert project.warm(file, "--header", "Accept: text/plain") == 0
    assert project.is_hit({"x": 1}, accept="text/plain")
    assert not project.is_hit({"x": 1}, accept="text/csv")
    assert project.warm(file, "--header", f"APIKEY: {KEYS['web']}") == 2
    assert project.warm(file, "--header", "Accept") == 2
    shown = capsys.readouterr().err
    assert "--header apikey: a credential does not belong on a command line" in shown
    assert KEYS["web"] not in shown


def test_a_model_whose_answers_are_not_kept_is_left_alone(project: WarmProject, capsys: Capture) -> None:
    project.up()
    project.model.behaviour.headers = (("Cache-Control", "no-store"),)
    file = project.write([{"x": number} for number in range(100)])
    assert project.warm(file, "--concurrency", "1") == 1
    shown = capsys.readouterr()
    assert shown.out == "digits: 20 of 100 questions asked: 20 not stored (origin: 20)\n"
    assert shown.err.startswith(
        "stopped: the answers are not kept (20 not stored (origin: 20)), so that asking would only cost calls of digits"
    )
    assert len(project.model.calls) == 20
    assert not project.progress_file.exists()

    few = project.write([{"x": 1}])
    assert project.warm(few) == 1
    assert capsys.readouterr().err == "no answer is kept: warming this model is of no use\n"
    project.write_stack("{enabled: false}")
    assert project.warm(few) == 2
    assert capsys.readouterr().err == "nothing was asked: the cache of digits is off (cache.enabled)\n"


def test_a_gateway_that_bypasses_is_told(project: WarmProject, capsys: Capture) -> None:
    project.up()
    file = project.write([{"x": number} for number in range(3)])
    assert project.warm(file, "--header", "Cache-Control: no-cache", "--json") == 1
    assert json.loads(capsys.readouterr().out)["outcomes"]["bypassed"] == {"client": 3}


@pytest.mark.parametrize("key", ["wrong-0123456789abcdef", "with\tcontrol-0123456789"])
def test_a_wrong_key_is_told_and_not_shown(
    project: WarmProject, key: str, capsys: Capture, monkeypatch: pytest.MonkeyPatch
) -> None:
    project.up()
    monkeypatch.setenv("INFERENCE_EDGE_KEY", key)
    code = project.warm(project.write([{"x": number} for number in range(100)]), "--json")
    shown = capsys.readouterr()
    if "\t" in key:
        assert code == 2 and "INFERENCE_EDGE_KEY holds no key" in shown.err
    else:
        assert code == 1 and json.loads(shown.out)["stopped"] == "401"
        assert "refuses the key (401): INFERENCE_EDGE_KEY must hold that of a caller of digits." in shown.err
    assert project.model.calls == []
    assert key not in shown.out + shown.err


def test_no_key_and_no_body_is_in_a_file_or_shown(project: WarmProject, capsys: Capture) -> None:
    project.up()
    project.model.behaviour.status = 500
    folder = project.folder / ".state" / "warm"
    assert project.warm(project.write([record({"x": "very-private"})] + [{**record({"x": n})} for n in range(9)])) == 1
    shown = "".join(capsys.readouterr())
    assert "digits fails (500)" in shown
    kept = "".join(path.read_text() for path in folder.iterdir())
    assert '"position": 0' in kept
    for secret in (*KEYS.values(), "very-private"):
        assert secret not in shown + kept


def test_what_is_wrong_with_the_way_is_told(project: WarmProject, capsys: Capture) -> None:
    project.write_stack()
    file = project.write([{"x": number} for number in range(9)])
    assert project.warm(file) == 1
    assert f"{project.kong.proxy}/digits/predict (Host " in (shown := capsys.readouterr().err)
    assert "is not there (404): deploy the stack" in shown
    assert project.warm(file, "--url", "http://127.0.0.1:1") == 1
    assert "no gateway answers at http://127.0.0.1:1/digits/predict" in capsys.readouterr().err
    assert project.warm(project.write([{"x": 1}]), "--url", "http://127.0.0.1:1") == 1
    assert "no gateway answers at http://127.0.0.1:1/digits/predict" in capsys.readouterr().err


def test_too_many_questions_a_second_are_asked_later(project: WarmProject, capsys: Capture) -> None:
    project.up(access="{rateLimit: {perSecond: 4}}")
    bodies = [{"x": number} for number in range(10)]
    assert project.warm(project.write(bodies), "--json") == 0
    assert json.loads(capsys.readouterr().out)["outcomes"]["stored"] == 10
    assert len(project.model.calls) == 10
    project.up(access="{rateLimit: {perHour: 3}}", version="2")
    assert project.warm(project.write(bodies), "--json") == 1
    told = json.loads(capsys.readouterr().out)
    assert (told["stopped"], told["asked"]) == ("wait", 3)
    assert told["advice"].endswith("s; after that the same command goes on where it stopped")


def test_a_model_that_is_busy_is_asked_later(project: WarmProject, capsys: Capture) -> None:
    project.up()
    project.model.behaviour.status = 503
    recovers = threading.Timer(0.5, setattr, (project.model.behaviour, "status", 200))
    recovers.start()
    assert project.warm(project.write([{"x": 1}, {"x": 2}])) == 0
    recovers.join()
    assert capsys.readouterr().out == "digits: 2 of 2 questions asked: 2 stored\n"


def test_a_question_that_fails_is_counted_and_the_others_are_asked(project: WarmProject, capsys: Capture) -> None:
    project.up(access="{maxRequestBytes: 100000}", cache="{store: memory, maxBodyBytes: 100000}")
    project.write_stack(access="{maxRequestBytes: 200000}", cache="{store: memory, maxBodyBytes: 200000}")
    file = project.write([{"x": 1}, {"x": "a" * 150_000}, {"x": 2}])
    assert project.warm(file) == 1
    assert capsys.readouterr().out == "digits: 3 of 3 questions asked: 2 stored, 1 failed (413: 1)\n"


def test_a_run_that_outlasts_the_ttl_is_warned_of(project: WarmProject, capsys: Capture) -> None:
    project.up("{store: memory, ttlSeconds: 1}")
    assert project.warm(project.write([{"x": number} for number in range(4)]), "--rate", "3") == 0
    assert capsys.readouterr().err == (
        "warning: at 3 a second this takes 1 s, and answers expire after 1 s (ttlSeconds): --top 3 has them all cached "
        "at once\n"
    )


def test_no_more_than_there_can_be_are_advised(project: WarmProject, capsys: Capture) -> None:
    project.up("{store: memory, ttlSeconds: 1}")
    assert project.warm(project.write([{"x": 1}, {"x": 2}]), "--rate", "0.8") == 0
    assert "--top 1 has them all cached at once\n" in capsys.readouterr().err


def test_names_cannot_move_the_cursor(project: WarmProject, capsys: Capture) -> None:
    project.up()
    assert project.warm(project.write([record({}, "\x1b[31mred"), record({}, "\ud800\n")])) == 2
    assert "callers (\ufffd[31mred, \ufffd\ufffd), and" in capsys.readouterr().err
    assert project.warm(project.write([record({}, model="words"), record({"x": 1})], "\udcff\x1b[31m.jsonl")) == 0
    assert capsys.readouterr().out.endswith("1 stored\nleft out: other models: 1\n")
    assert project.warm(project.folder / "\x1b[31mnone.jsonl") == 2
    assert "/\ufffd[31mnone.jsonl cannot be read" in capsys.readouterr().err


def test_no_more_are_asked_at_once_than_wanted(project: WarmProject) -> None:
    project.up()
    project.model.behaviour.released = threading.Event()
    threading.Timer(1, project.model.behaviour.released.set).start()
    assert project.warm(project.write([{"x": number} for number in range(12)]), "--concurrency", "3") == 0
    assert project.model.most_at_once == 3


@pytest.mark.parametrize(
    ("more", "said"),
    [
        (["--rate", "0"], "0 is no number of questions a second"),
        (["--top", "none"], "none is no whole number above 0"),
        (["--url", "kong:8000"], "it must be like https://kong-1.internal:8443"),
        (["--url", "http://key@kong"], "without user"),
        (["--url", "http://kong/\x1b[31m"], "it must be like https://"),
        (["--url", "http://[v1.a]"], "it must be like https://"),
        (["--url", "http://\u00e9..internal"], "it must be like https://"),
        (["--url", "http://kong/\udcff"], "it must be like https://"),
        (["--key-env", KEYS["web"]], "it takes the name of a variable that holds the key, and not the key"),
        (["--concurrency", "1001"], "1001 is too many at once (at most 1000)"),
    ],
)
def test_a_wrong_command_line_is_told(project: WarmProject, more: list[str], said: str, capsys: Capture) -> None:
    with pytest.raises(SystemExit) as ended:
        project.warm(project.folder / "requests.jsonl", *more)
    assert ended.value.code == 2
    assert said in (shown := capsys.readouterr().err)
    assert KEYS["web"] not in shown


def test_what_there_is_not_is_told(project: WarmProject, capsys: Capture) -> None:
    assert project.warm(project.folder / "requests.jsonl") == 2
    assert "no stack named 'dev'" in capsys.readouterr().err
    project.write_stack()
    assert project.warm(project.folder / "none.jsonl") == 2
    assert capsys.readouterr().err.endswith("none.jsonl cannot be read: No such file or directory\n")
    assert project.warm(project.write([record({}, model="words")])) == 2
    assert capsys.readouterr().err.endswith("has no question for digits; left out: other models: 1\n")
    assert project.warm(project.write([{}]), "--model", "words") == 2
    assert capsys.readouterr().err == "nothing was asked: stack dev has no model words; it has: digits\n"
