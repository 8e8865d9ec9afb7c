"""Damages of a store at random: no table shows a wrong number, no command fails with a traceback."""

from __future__ import annotations

import json
import random
import shutil
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from gan_bench.bench.commands import app
from gan_bench.bench.results import frames
from gan_bench.bench.results.store import Store

Damage = Callable[[Path, random.Random], Path]


@pytest.fixture
def whole(trained: Path) -> Path:
    return trained


def files(results: Path) -> list[Path]:
    return sorted(p for p in results.rglob("*") if p.is_file() and p.parts[len(results.parts)] != "report")


def flipped(results: Path, draw: random.Random) -> Path:
    path = draw.choice(files(results))
    content = bytearray(path.read_bytes())
    content[draw.randrange(len(content))] ^= 1 << draw.randrange(8)
    path.write_bytes(content)
    return path


def cut(results: Path, draw: random.Random) -> Path:
    path = draw.choice(files(results))
    content = path.read_bytes()
    path.write_bytes(content[: draw.randrange(len(content))])
    return path


def swapped(results: Path, draw: random.Random) -> Path:
    path = draw.choice(files(results))
    mine = path.read_bytes()  # short trainings of a stand-in may have files with the same bytes
    other = draw.choice([p for p in files(results) if p.suffix == path.suffix and p.read_bytes() != mine])
    theirs = other.read_bytes()
    path.write_bytes(theirs)
    other.write_bytes(mine)
    return path


def edited(results: Path, draw: random.Random) -> Path:
    """Another number, text or nothing in place of a value at any depth of a JSON file, without its seal."""
    path = draw.choice([p for p in files(results) if p.suffix == ".json"])
    content = json.loads(path.read_text())
    place: Any = content
    while True:
        key = draw.choice(list(place) if isinstance(place, dict) else range(len(place)))
        if not isinstance(place[key], dict | list) or not place[key] or draw.random() < 0.1:
            break
        place = place[key]
    old = place[key]
    others = [old + 1 if isinstance(old, int | float) else "x", None, [], 1e30]
    place[key] = draw.choice([value for value in others if value != old])
    path.write_text(json.dumps(content))
    return path


def lost(results: Path, draw: random.Random) -> Path:
    path = draw.choice([*files(results), *(results / "trials").iterdir()])
    shutil.rmtree(path) if path.is_dir() else path.unlink()
    return path


def replaced(results: Path, draw: random.Random) -> Path:
    """A folder or a link where a file belongs."""
    path = draw.choice(files(results))
    path.rename(moved := path.with_name("moved"))
    path.mkdir() if draw.random() < 0.5 else path.symlink_to(moved)
    return path


def moved(results: Path, draw: random.Random) -> Path:
    """The folder of a trial under the key of another."""
    one, other = draw.sample(sorted((results / "trials").iterdir()), 2)
    shutil.rmtree(other)
    one.rename(other)
    return other


DAMAGES: list[Damage] = [flipped, cut, swapped, edited, lost, replaced, moved]


Row = dict[str, Any]


def rows(results: Path) -> tuple[dict[str, Row], set[str]]:
    """The rows of trials by their keys, and those of all scores, as texts."""
    store = Store(results)
    store.look_through()
    found = frames.load(store)
    trials = {row["trial"]: row for row in found.trials.to_dict("records")}
    return trials, set(map(str, found.scores.to_dict("records")))


def wrong(results: Path, before: tuple[dict[str, Row], set[str]]) -> list[Any]:
    """Values that were not in the tables before; without its evaluation a trial has missing ones."""
    trials, scores = rows(results)
    values = [
        (key, name, value)
        for key, row in trials.items()
        for name, value in row.items()
        if str(before[0].get(key, {}).get(name)) != str(value) and str(value) not in ("nan", "None", "")
    ]
    return [*values, *(scores - before[1])]


def check(whole: Path, folder: Path, before: Any, seed: int, monkeypatch: pytest.MonkeyPatch) -> str:
    """Damage a copy; return the name of a damage that no command names."""
    draw = random.Random(seed)
    results = folder / "results"
    shutil.copytree(whole, results)
    damage = draw.choice(DAMAGES)
    path = damage(results, draw)
    found = wrong(results, before)
    assert not found, (seed, damage.__name__, path, found[:2])
    monkeypatch.setattr(sys, "argv", ["bench", "verify", str(results)])
    status = app.main()  # a traceback would be raised here
    assert status in (0, 1, 2)
    monkeypatch.setattr(sys, "argv", ["bench", "baseline", str(results), "-o", str(folder / "b.parquet")])
    assert app.main() in (0, 2)
    shutil.rmtree(results)
    changed = damage not in (lost,) and status == 0
    return f"{seed}: {damage.__name__} {path}" if changed else ""


@pytest.mark.parametrize("count", [7, pytest.param(200, marks=pytest.mark.slow)])
def test_damages(whole: Path, tmp_path: Path, count: int, monkeypatch: pytest.MonkeyPatch) -> None:
    whole = whole.rename(tmp_path / "whole")
    shutil.copytree(whole, tmp_path / "results")
    before = rows(tmp_path / "results")  # rows name their folder
    shutil.rmtree(tmp_path / "results")
    unnamed = [check(whole, tmp_path, before, seed, monkeypatch) for seed in range(count)]
    assert not [text for text in unnamed if text]
