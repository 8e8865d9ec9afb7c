from __future__ import annotations

import hashlib
import json
import re
import subprocess
from pathlib import Path

from gan_bench.bench.common import provenance


def test_it_is_plain_and_says_what_ran(tmp_path: Path) -> None:
    plugin = tmp_path / "mine.py"
    plugin.write_text("x = 1")
    facts = provenance.provenance("cpu", (plugin,))
    assert json.loads(json.dumps(facts)) == facts
    assert facts["device"] == "cpu"
    assert facts["versions"]["torch"]
    assert facts["plugins"] == {"mine.py": hashlib.sha256(b"x = 1").hexdigest()}
    assert facts["revision"] is None or re.fullmatch(r"[0-9a-f]{40}(\+changes)?", facts["revision"])


def test_a_foreign_checkout_is_not_taken_for_ours(tmp_path: Path, monkeypatch) -> None:
    subprocess.run(["git", "init", "-q", str(tmp_path)], check=True)
    inside = tmp_path / "venv" / "bench" / "common" / "provenance.py"
    inside.parent.mkdir(parents=True)
    monkeypatch.setattr(provenance, "__file__", str(inside))
    provenance.revision.cache_clear()
    try:
        assert provenance.revision() is None
    finally:
        provenance.revision.cache_clear()


def test_a_plug_in_that_is_not_here_has_no_hash(tmp_path: Path) -> None:
    facts = provenance.provenance("cpu", (tmp_path / "elsewhere.py",))
    assert facts["plugins"] == {"elsewhere.py": None}


def test_two_plug_ins_of_one_name_are_both_in_it(tmp_path: Path) -> None:
    files = (tmp_path / "a" / "mine.py", tmp_path / "b" / "mine.py", tmp_path / "other.py")
    facts = provenance.provenance("cpu", files)
    assert list(facts["plugins"]) == [str(files[0]), str(files[1]), "other.py"]
