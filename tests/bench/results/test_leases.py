"""One of several processes holds a lease; it is free again when its holder ends, dies or falls silent."""

from __future__ import annotations

import errno
import json
import multiprocessing
import os
import subprocess
import sys
import time
from pathlib import Path

import pytest

from gan_bench.bench.results import leases
from gan_bench.bench.results.leases import held, taken

NAME = "0" * 20


def lease(results: Path) -> Path:
    return results / "leases" / f"{NAME}.json"


def test_a_lease_is_held_by_one_and_given_back(tmp_path: Path) -> None:
    with taken(tmp_path, NAME) as first, taken(tmp_path, NAME) as second, taken(tmp_path, "1" * 20) as other:
        assert first is None
        assert second is not None
        assert second.process == os.getpid()
        assert other is None
        assert held(tmp_path, NAME)
    assert not held(tmp_path, NAME)
    assert list((tmp_path / "leases").iterdir()) == []


def test_an_error_gives_it_back(tmp_path: Path) -> None:
    with pytest.raises(ValueError, match="inside"), taken(tmp_path, NAME):
        raise ValueError("inside")
    assert not lease(tmp_path).exists()


def dead_process() -> int:
    return int(
        subprocess.run(
            [sys.executable, "-c", "import os; print(os.getpid())"], capture_output=True, check=True
        ).stdout
    )


def leave(results: Path, **changes: object) -> None:
    """Leave a lease as a process that was killed leaves it."""
    with taken(results, NAME):
        content = json.loads(lease(results).read_text())
    lease(results).write_text(json.dumps({**content, "token": "another", **changes}))


def test_that_of_a_dead_process_of_this_machine_is_free_at_once(tmp_path: Path) -> None:
    leave(tmp_path, process=dead_process())
    assert not held(tmp_path, NAME)
    with taken(tmp_path, NAME) as found:
        assert found is None


def test_that_of_another_machine_is_free_when_it_falls_silent(tmp_path: Path) -> None:
    leave(tmp_path, process=dead_process(), machine="elsewhere", host="node7")
    with taken(tmp_path, NAME) as found:
        assert found is not None
        assert found.who.endswith("of node7")
    silent = time.time() - leases.EXPIRES - 1
    os.utime(lease(tmp_path), (silent, silent))
    with taken(tmp_path, NAME) as found:
        assert found is None


@pytest.mark.parametrize("content", ["", "{", "[]", '{"host": 3}', "null"])
def test_a_damaged_lease_blocks_until_it_expires(tmp_path: Path, content: str) -> None:
    lease(tmp_path).parent.mkdir()
    lease(tmp_path).write_text(content)
    with taken(tmp_path, NAME) as found:
        assert found is not None
        assert found.who == "a process that left no name"
    os.utime(lease(tmp_path), (0, 0))
    with taken(tmp_path, NAME) as found:
        assert found is None


def test_it_is_renewed_while_it_is_held(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(leases, "RENEWED", 0.01)
    with taken(tmp_path, NAME):
        os.utime(lease(tmp_path), (0, 0))
        deadline = time.monotonic() + 30
        while not held(tmp_path, NAME) and time.monotonic() < deadline:
            time.sleep(0.01)
        assert held(tmp_path, NAME)


def test_a_file_system_out_of_reach_does_not_end_the_renewal(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def out_of_reach(path: Path) -> None:
        tries.append(path)
        raise OSError(errno.ESTALE, "Stale file handle")

    tries: list[Path] = []
    with monkeypatch.context() as patch:
        patch.setattr(leases, "RENEWED", 0.01)
        patch.setattr(os, "utime", out_of_reach)
        with taken(tmp_path, NAME):
            deadline = time.monotonic() + 30
            while len(tries) < 2 and time.monotonic() < deadline:
                time.sleep(0.01)
    assert len(tries) >= 2


def hold(results: Path, tries: int, log: Path) -> None:
    """Write a line at the beginning and the end of each time that the lease is held."""
    for _ in range(tries):
        with taken(results, NAME) as other:
            if other is None:
                with open(log, "a") as file:
                    file.write("+\n")
                time.sleep(0.001)
                with open(log, "a") as file:
                    file.write("-\n")


def test_several_processes_never_hold_it_together(tmp_path: Path) -> None:
    context = multiprocessing.get_context("fork")
    log = tmp_path / "log"
    workers = [context.Process(target=hold, args=(tmp_path, 100, log)) for _ in range(4)]
    for worker in workers:
        worker.start()
    for worker in workers:
        worker.join(120)
    lines = log.read_text().split()
    assert len(lines) >= 2
    assert lines == ["+", "-"] * (len(lines) // 2)


def test_one_that_cannot_be_written_leaves_nothing_behind(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def full(*_: object) -> None:
        raise OSError(errno.ENOSPC, "No space left on device")

    with monkeypatch.context() as patch:
        patch.setattr(leases.json, "dump", full)
        with pytest.raises(OSError, match="No space left"), taken(tmp_path, NAME):
            pass
    with taken(tmp_path, NAME) as holder:
        assert holder is None


def test_one_in_a_folder_that_cannot_be_written_is_read(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def refuse(path: Path, *_: object, **__: object) -> None:
        raise PermissionError(errno.EACCES, "Permission denied", str(path))

    with taken(tmp_path, NAME):
        monkeypatch.setattr(Path, "touch", refuse)
        assert held(tmp_path, NAME)
        os.utime(lease(tmp_path), (1e9, 1e9))
        assert not held(tmp_path, NAME)
