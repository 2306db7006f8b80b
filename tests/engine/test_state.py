"""The state on disk: secrets, lock, damage, a full disk."""

from __future__ import annotations

import errno
import json
import os
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import pulumi
import pulumi_kong
import pytest

from local.engine import EngineError, Secret
from local.engine.state import journal as journal_module
from local.engine.state import store as store_module
from local.engine.state.lock import StackLock
from tests.engine.conftest import MakeEngine
from tests.engine.support.admin_api import MemoryAdminApi
from tests.engine.support.programs import empty, shop

CLEAR = "very-secret-value"
SECRET = {"shop:token": Secret(CLEAR)}


def with_secret() -> None:
    token = pulumi.Config().require_secret("token")
    pulumi_kong.Consumer("c", username="c", custom_id=token)
    pulumi_kong.Plugin("p", name="cors", config_json=token.apply(lambda text: json.dumps({"k": text})))
    pulumi.export("token", token)


def files(project_dir: Path) -> dict[str, bytes]:
    folder = project_dir / ".state"
    return {str(path.relative_to(folder)): path.read_bytes() for path in folder.rglob("*") if path.is_file()}


def test_secrets_rest_encrypted_under_the_passphrase(make_engine: MakeEngine, project_dir: Path) -> None:
    make_engine(with_secret, config=SECRET, passphrase="pass").up()
    stored = files(project_dir)
    assert set(stored) == {"shop/dev.json", "shop/dev.lock"}
    assert not any(CLEAR.encode() in content for content in stored.values())
    engine = make_engine(with_secret, config=SECRET, passphrase="pass")
    assert engine.up().changes["same"] == 3
    assert engine.outputs(show_secrets=True) == {"token": CLEAR}


def test_secrets_rest_encrypted_under_a_key_file_without_a_passphrase(
    make_engine: MakeEngine, project_dir: Path
) -> None:
    make_engine(with_secret, config=SECRET).up()
    assert (project_dir / ".state/key").stat().st_mode & 0o777 == 0o600
    assert not any(CLEAR.encode() in content for content in files(project_dir).values())
    assert make_engine(with_secret, config=SECRET).outputs(show_secrets=True) == {"token": CLEAR}


def test_the_journal_of_a_killed_run_is_encrypted_too(
    make_engine: MakeEngine, project_dir: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(store_module.StateStore, "fold", lambda self: None)
    make_engine(with_secret, config=SECRET).up()
    stored = files(project_dir)
    assert stored["shop/dev.journal"] and "shop/dev.json" not in stored
    assert not any(CLEAR.encode() in content for content in stored.values())


@pytest.mark.parametrize(
    ("passphrase", "message"),
    [
        ("other", "dev.json: incorrect passphrase"),
        (None, "dev.json holds secrets, and there is no passphrase"),
    ],
)
def test_a_state_needs_its_passphrase(
    make_engine: MakeEngine, project_dir: Path, passphrase: str | None, message: str
) -> None:
    make_engine(with_secret, config=SECRET, passphrase="pass").up()
    before = files(project_dir)
    with pytest.raises(EngineError) as failure:
        make_engine(with_secret, config=SECRET, passphrase=passphrase).up()
    assert message in str(failure.value)
    assert files(project_dir)["shop/dev.json"] == before["shop/dev.json"]


@pytest.mark.parametrize(("content", "message"), [(None, "key is missing"), ("short\n", "key is damaged")])
def test_a_lost_key_file_is_told(make_engine: MakeEngine, project_dir: Path, content: str | None, message: str) -> None:
    make_engine(with_secret, config=SECRET).up()
    (project_dir / ".state/key").unlink()
    if content:
        (project_dir / ".state/key").write_text(content)
    with pytest.raises(EngineError, match=message):
        make_engine(with_secret, config=SECRET).preview()


def test_two_engines_on_one_stack_refuse(make_engine: MakeEngine, project_dir: Path) -> None:
    with StackLock(project_dir / ".state/shop/dev.lock"):
        for operation in ("up", "destroy", "refresh"):
            with pytest.raises(EngineError, match=rf"is being changed by process {os.getpid()} on .*dev.lock"):
                getattr(make_engine(empty), operation)()
        make_engine(empty).preview()
    make_engine(empty).up()


def test_the_lock_of_a_dead_process_is_taken_over(make_engine: MakeEngine, project_dir: Path) -> None:
    lock = project_dir / ".state/shop/dev.lock"
    hold = (
        "import os, sys\nfrom pathlib import Path\nfrom local.engine.state.lock import StackLock\n"
        "StackLock(Path(sys.argv[1])).__enter__()\nprint('held', flush=True)\nsys.stdin.read()\n"
    )
    with subprocess.Popen(
        [sys.executable, "-c", hold, str(lock)], stdin=subprocess.PIPE, stdout=subprocess.PIPE, cwd=Path.cwd()
    ) as holder:
        assert holder.stdout and holder.stdout.readline() == b"held\n"
        with pytest.raises(EngineError, match=rf"process {holder.pid} on"):
            make_engine(empty).up()
        holder.kill()
    assert json.loads(lock.read_text())["pid"] == holder.pid
    make_engine(empty).up()


@pytest.mark.parametrize(
    ("content", "why"),
    [
        ('{"version": 1, "resour', "not valid JSON"),
        ("", "not valid JSON"),
        ("[]", "not a version 1 state"),
        ('{"version": 9}', "not a version 1 state"),
        ('{"version": 1, "serial": 1}', "it lacks secrets, resources, pending"),
        ('{"version":1,"serial":1,"secrets":{},"resources":[{"a":1}],"pending":[]}', "an entry has an unexpected form"),
    ],
)
def test_a_damaged_state_is_named_and_left_alone(
    make_engine: MakeEngine, project_dir: Path, kong: MemoryAdminApi, content: str, why: str
) -> None:
    make_engine(shop()).up()
    make_engine(shop(host="b.test")).up()
    path = project_dir / ".state/shop/dev.json"
    path.write_text(content)
    requests = len(kong.requests)
    for operation in ("preview", "up", "destroy", "refresh", "outputs"):
        with pytest.raises(EngineError) as failure:
            getattr(make_engine(shop()), operation)()
        assert f"the state file {path} is damaged" in str(failure.value) and why in str(failure.value)
        assert f"cp {path}.bak {path}" in str(failure.value)
    assert path.read_text() == content and len(kong.requests) == requests
    path.write_bytes(Path(f"{path}.bak").read_bytes())
    make_engine(shop(host="b.test")).refresh()
    writes = len(kong.writes)
    assert make_engine(shop(host="b.test")).up().changes["create"] == 0
    assert len(kong.writes) == writes


def test_a_damaged_line_inside_the_journal_is_named(make_engine: MakeEngine, project_dir: Path) -> None:
    path = project_dir / ".state/shop/dev.journal"
    path.parent.mkdir(parents=True)
    path.write_text('{"record":"header","serial":0,"secrets":{}}\n{"rec\n{"record":"settled","step":1}\n')
    with pytest.raises(EngineError, match="dev.journal is damaged at line 2"):
        make_engine(shop()).up()


def test_a_torn_last_line_of_the_journal_counts_as_never_written(
    make_engine: MakeEngine, project_dir: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    with monkeypatch.context() as patch:
        patch.setattr(store_module.StateStore, "fold", lambda self: None)
        make_engine(shop()).up()
    path = project_dir / ".state/shop/dev.journal"
    path.write_bytes(path.read_bytes() + b'{"record":"put","resou')
    assert make_engine(shop()).up().changes["same"] == 6
    assert not path.exists()


def full_disk(*_: object) -> int:
    raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))


def _full_on_write(patch: pytest.MonkeyPatch) -> None:
    patch.setattr(os, "pwrite", full_disk)


def _full_on_sync(patch: pytest.MonkeyPatch) -> None:
    patch.setattr(os, "fsync", full_disk)


def _full_on_new_file(patch: pytest.MonkeyPatch) -> None:
    patch.setattr(store_module, "_write_atomically", full_disk)


@pytest.mark.parametrize("fill", [_full_on_write, _full_on_sync, _full_on_new_file])
def test_a_full_disk_is_told_and_nothing_is_lost(
    fill: Callable[[pytest.MonkeyPatch], None], make_engine: MakeEngine, project_dir: Path, kong: MemoryAdminApi
) -> None:
    make_engine(shop()).up()
    before = (project_dir / ".state/shop/dev.json").read_bytes()
    with pytest.MonkeyPatch.context() as patch:
        fill(patch)
        with pytest.raises(EngineError, match="No space left on device.*run the same command again"):
            make_engine(shop(host="b.test")).up()
    assert (project_dir / ".state/shop/dev.json").read_bytes() == before
    make_engine(shop(host="b.test")).up()
    assert [item["host"] for item in kong.all("services")] == ["b.test"]
    make_engine(shop()).destroy()
    assert kong.count() == 0


def test_a_disk_that_fills_up_half_way_loses_no_entity(
    make_engine: MakeEngine, project_dir: Path, kong: MemoryAdminApi
) -> None:
    real, lines = os.pwrite, 0
    for lines in range(1, 30):
        left = iter(range(lines))

        def until_full(handle: int, content: bytes, offset: int, left: object = left) -> int:
            if next(left, None) is None:  # type: ignore[call-overload]
                real(handle, content[:3], offset)
                full_disk()
            return real(handle, content, offset)

        with pytest.MonkeyPatch.context() as patch:
            patch.setattr(os, "pwrite", until_full)
            try:
                make_engine(shop()).up()
                done = True
            except EngineError as error:
                assert "No space left on device" in str(error)
                done = False
        make_engine(shop()).destroy()
        assert kong.count() == 0, f"full after {lines} lines"
        if done:
            break
    assert lines > 8


def test_a_journal_that_is_already_in_the_state_file_is_ignored(
    make_engine: MakeEngine, project_dir: Path, kong: MemoryAdminApi
) -> None:
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(store_module.StateStore, "fold", lambda self: None)
        make_engine(shop()).up()
    journal = project_dir / ".state/shop/dev.journal"
    old = journal.read_bytes()
    make_engine(shop(host="b.test")).up()
    journal.write_bytes(old)
    assert make_engine(shop(host="b.test")).preview().changes["same"] == 6
    make_engine(shop(host="c.test")).up()
    assert [item["host"] for item in kong.all("services")] == ["c.test"]
    assert journal_module.read(journal) and not journal.exists()
