from __future__ import annotations

from pathlib import Path

import pytest

import gan_bench.bench.engine.compiled
from gan_bench.bench.running.calibration import Memory, compiler_trouble


@pytest.fixture
def memory(tmp_path: Path) -> Memory:
    return Memory(tmp_path / "cache" / "machine.json")


def test_a_memory_keeps_facts_between_processes_and_survives_damage(memory: Memory) -> None:
    assert memory.recall("a") is None
    memory.keep("a", {"b": 1})
    memory.keep("c", True)
    again = Memory(memory.path)
    assert (again.recall("a"), again.recall("c")) == ({"b": 1}, True)
    memory.path.write_text("{")
    assert again.recall("a") is None
    again.keep("d", 2)
    assert again.recall("d") == 2


def test_a_memory_that_cannot_be_written_forgets(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("")
    memory = Memory(tmp_path / "file" / "machine.json")
    memory.keep("a", 1)
    assert memory.recall("a") is None


def test_that_compiling_works_is_remembered_and_that_it_fails_is_not(memory: Memory, monkeypatch) -> None:
    answers = iter(["no compiler", None])
    monkeypatch.setattr(gan_bench.bench.engine.compiled, "compilation_error", lambda: next(answers))
    assert compiler_trouble(memory) == "no compiler"
    assert compiler_trouble(memory) is None
    assert compiler_trouble(memory) is None
