from __future__ import annotations

import sys
from pathlib import Path

import pytest

from gan_bench.bench.common.errors import UsageError
from gan_bench.bench.common.plugins import load_plugins


def test_a_plug_in_is_imported_once(tmp_path: Path) -> None:
    path = tmp_path / "counting.py"
    path.write_text("import sys\nsys.modules['counted'] = sys.modules.get('counted', 0) + 1\n")
    try:
        load_plugins([path, path])
        load_plugins([path])
        assert sys.modules["counted"] == 1
    finally:
        sys.modules.pop("counted", None)
        sys.modules.pop("plugin_counting", None)


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("x = 1\ny = 1 / 0\n", r"bad\.py, line 2: ZeroDivisionError: division by zero"),
        ("x = (\n", r"bad\.py, line 1: SyntaxError"),
        ("import nothing_of_this_name\n", r"bad\.py, line 1: ModuleNotFoundError"),
        (
            "from variants import register\nregister('gan', paper='', year=1)(object)\n",
            r"bad\.py, line 2: ValueError: variant 'gan' is registered already",
        ),
    ],
)
def test_what_is_wrong_in_it_is_told_with_its_line(tmp_path: Path, text: str, message: str) -> None:
    (tmp_path / "bad.py").write_text(text)
    with pytest.raises(UsageError, match=message):
        load_plugins([tmp_path / "bad.py"])
    assert "plugin_bad" not in sys.modules


def test_a_missing_file_and_one_that_is_not_python(tmp_path: Path) -> None:
    with pytest.raises(UsageError, match="does not exist"):
        load_plugins([tmp_path / "none.py"])
    (tmp_path / "text.txt").write_text("")
    with pytest.raises(UsageError, match="not a Python file"):
        load_plugins([tmp_path / "text.txt"])
