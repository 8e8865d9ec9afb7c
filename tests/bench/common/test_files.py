"""Files are written whole or not at all, by one helper."""

from __future__ import annotations

import ast
import json
import os
from pathlib import Path

import pytest

from gan_bench.bench.common.errors import UsageError
from gan_bench.bench.common.files import make_folder, read_json, unwritable, whole, write, write_json

BENCH = Path(__file__).parents[3] / "bench"
ELSEWHERE = {
    "common/files.py",  # the helper itself
    "speed/memory.py",  # a switch of the kernel under /proc, no file
    "metrics/extractors/inception.py",  # a temporary folder, gone at the end of the call
}
FRAMES_AND_ARRAYS = ("to_csv", "to_parquet", "savez", "savez_compressed")
"""Written to a file that the helper gives, or to memory."""


def test_a_file_that_fails_midway_leaves_what_was_there(tmp_path: Path) -> None:
    path = tmp_path / "a.json"
    write(path, "before")
    with pytest.raises(TypeError), whole(path) as file:
        file.writelines([b"half", None])  # type: ignore[list-item]
    assert path.read_text() == "before"
    with pytest.raises(ValueError, match="Out of range"):
        write_json(path, {"nan": float("nan")})
    assert [each.name for each in tmp_path.iterdir()] == ["a.json"]
    assert path.read_text() == "before"


def test_nothing_is_seen_of_a_file_until_it_is_whole(tmp_path: Path) -> None:
    path = tmp_path / "a.bin"
    with whole(path) as file:
        file.write(b"half")
        file.flush()
        assert not path.exists()
        (beside,) = tmp_path.iterdir()
        assert beside.name.startswith(".a.bin-")
    assert path.read_bytes() == b"half"


def test_it_is_on_the_disk_before_it_has_its_name(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    done: list[str] = []
    fsync, replace = os.fsync, os.replace
    monkeypatch.setattr(os, "fsync", lambda *given: (done.append("fsync"), fsync(*given)))
    monkeypatch.setattr(os, "replace", lambda *given: (done.append("replace"), replace(*given)))
    write_json(tmp_path / "a.json", {"ä": 1})
    assert done == ["fsync", "replace"]
    assert read_json(tmp_path / "a.json") == {"ä": 1} == json.loads((tmp_path / "a.json").read_bytes())


def test_a_link_is_followed(tmp_path: Path) -> None:
    (tmp_path / "there").mkdir()
    (tmp_path / "link").symlink_to(tmp_path / "there" / "file")
    write(tmp_path / "link", b"1")
    assert (tmp_path / "link").is_symlink()
    assert (tmp_path / "there" / "file").read_bytes() == b"1"


def test_what_cannot_be_written_is_named(tmp_path: Path) -> None:
    (tmp_path / "file").touch()
    with pytest.raises(UsageError, match=r"^-o x: Not a directory$"), unwritable("-o x"):
        write(tmp_path / "file" / "below", "")
    with pytest.raises(UsageError, match=r"^--out .*file/below: Not a directory$"):
        make_folder(tmp_path / "file" / "below", "--out")


def writes(path: Path) -> list[str]:
    """Calls in a module that write a file by other means."""
    found = []
    for node in ast.walk(ast.parse(path.read_text("utf-8"))):
        if not isinstance(node, ast.Call):
            continue
        function, first = ast.unparse(node.func), ast.unparse(node.args[0]) if node.args else ""
        name = function.rpartition(".")[2]
        mode = [ast.literal_eval(arg) for arg in node.args if isinstance(arg, ast.Constant)]
        if (
            name in ("write_text", "write_bytes", "save_file")
            or function in ("os.replace", "torch.save")
            or (name == "open" and any(isinstance(m, str) and set("wax+") & set(m[:1]) for m in mode))
            or (name in FRAMES_AND_ARRAYS and first not in ("", "file", "buffer"))
        ):
            found.append(f"line {node.lineno}: {function}({first} ...)")
    return found


def test_the_reader_finds_calls_that_write(tmp_path: Path) -> None:
    path = tmp_path / "a.py"
    path.write_text(
        "p.write_text('')\nopen(p, 'w')\nf.to_csv(p)\nf.to_csv(file)\nf.to_csv()\nopen(p, 'rb')\n"
    )
    assert [text.split(":")[0] for text in writes(path)] == ["line 1", "line 2", "line 3"]


def test_no_file_of_bench_is_written_by_other_means() -> None:
    modules = {path.relative_to(BENCH).as_posix(): path for path in BENCH.rglob("*.py")}
    assert modules.keys() >= ELSEWHERE
    found = {name: writes(path) for name, path in modules.items() if name not in ELSEWHERE}
    assert {name: calls for name, calls in found.items() if calls} == {}
