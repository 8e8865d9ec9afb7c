from __future__ import annotations

import sys
from pathlib import Path

import pytest

from gan_bench.bench.common.errors import UsageError
from gan_bench.bench.common.plugins import in_plugin, load_plugins, sentence_of
from gan_bench.bench.metrics.registry import METRICS, info


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
        ("x = (\n", r"bad\.py, line 1: SyntaxError: '\(' was never closed$"),
        ("raise SyntaxError\n", r"bad\.py, line 1: SyntaxError: None$"),
        ("import sys\nsys.exit(3)\n", r"bad\.py, line 2: SystemExit: 3"),
        ("import nothing_of_this_name\n", r"bad\.py, line 1: ModuleNotFoundError"),
        (
            "from variants import register\nregister('gan', paper='', year=1)(object)\n",
            r"bad\.py, line 2: ValueError: variant 'gan' is registered already, by gan_bench\.variants\.",
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
    (tmp_path / "folder.py").mkdir()
    with pytest.raises(UsageError, match="is no file"):
        load_plugins([tmp_path / "folder.py"])


METRIC = """
from gan_bench.bench.metrics import register

@register("{name}", title="Mine", direction="min")
def mine(fake, real, truth):
    return fake.nothing
"""


@pytest.fixture
def forgotten():
    """Forget afterwards what the plug-ins of a test have registered."""
    before = set(sys.modules)
    with METRICS.restored():
        yield
    for name in sys.modules.keys() - before:
        if name.startswith("plugin_"):
            del sys.modules[name]


def test_files_of_one_name_in_two_folders_are_two_plug_ins(tmp_path: Path, forgotten: None) -> None:
    files = [tmp_path / folder / "mine.py" for folder in ("a", "b")]
    for file in files:
        file.parent.mkdir()
        file.write_text(METRIC.format(name=f"of_{file.parent.name}"))
    for _ in range(2):  # a worker process loads them again for each of its tasks
        load_plugins(files)
    assert {info("of_a").compute.__module__, info("of_b").compute.__module__} <= sys.modules.keys()


@pytest.mark.parametrize("inside", [True, False])
def test_a_name_that_two_plug_ins_register_names_both_files(
    tmp_path: Path, forgotten: None, monkeypatch: pytest.MonkeyPatch, inside: bool
) -> None:
    (tmp_path / "elsewhere").mkdir()
    monkeypatch.chdir(tmp_path if inside else tmp_path / "elsewhere")
    for name in ("first", "second"):
        (tmp_path / f"{name}.py").write_text(METRIC.format(name="taken"))
    place = "" if inside else f"{tmp_path}/"
    with pytest.raises(UsageError) as refused:
        load_plugins([tmp_path / "first.py", tmp_path / "second.py"])
    assert str(refused.value) == (
        f"plug-in {place}second.py, line 4: metric 'taken' is registered already, by plug-in {place}first.py"
    )


def test_an_error_in_a_plug_in_is_placed_and_others_are_not(tmp_path: Path, forgotten: None) -> None:
    (tmp_path / "late.py").write_text(METRIC.format(name="late"))
    load_plugins([tmp_path / "late.py"])
    with pytest.raises(AttributeError) as raised:
        info("late").compute(object(), None, None)  # type: ignore[arg-type]
    place = f"plug-in {tmp_path / 'late.py'}, line 6: AttributeError: "
    assert in_plugin(raised.value).startswith(place)
    assert sentence_of(raised.value) == in_plugin(raised.value)
    assert in_plugin(ValueError("ours")) == ""
    assert sentence_of(ValueError("ours")) == "ValueError: ours"
    assert sentence_of(UsageError("a sentence")) == "a sentence"
