"""A finished trial that is trained longer ends with the bits of one that was as long from the beginning."""

from __future__ import annotations

import json
import re
from pathlib import Path
from typing import Any

import pytest

from gan_bench.bench.results.cleaning import remove, unread
from gan_bench.bench.results.store import Store
from gan_bench.bench.running import identity, snapshots
from gan_bench.bench.running.snapshots import PackSnapshots
from tests.bench.conftest import Start
from tests.bench.running.test_snapshots import contents, stop_after

pytestmark = pytest.mark.usefixtures("no_report", "forget_evaluators")
SHORT, LONG = 0.32, 0.64
"""kimg of 10 and of 20 iterations; both have the end of the shorter among their two points."""


@pytest.fixture
def always(monkeypatch: pytest.MonkeyPatch) -> None:
    """Keeps the end of every training, however short."""
    monkeypatch.setattr(snapshots, "LEAST", 0.0)


def of_length(root: Path, kimg: float) -> dict[str, Any]:
    """Stored content of trials of one length, without times."""
    store = Store(root)
    keys = {key for key in store if store.read(key).trial.kimg == kimg}  # type: ignore[union-attr]
    return {name: found for name, found in contents(root).items() if name.split("/")[1] in keys}


def origins(root: Path, kimg: float) -> set[tuple[Any, Any]]:
    records = [json.loads(path.read_text()) for path in root.glob("trials/*/record.json")]
    found = [record["provenance"] for record in records if record["spec"]["kimg"] == kimg]
    return {(each["continued_at"], each["continued_from_kimg"]) for each in found}


@pytest.mark.parametrize("options", [{"seeds": (0, 1)}, {"seeds": (0,), "pack": 1}])
def test_a_longer_training_continues_to_the_same_bits(
    session: Start, tmp_path: Path, always: None, options: dict[str, Any]
) -> None:
    options = {"variants": ("lsgan",), **options}
    session(out=tmp_path / "whole", kimg=LONG, **options)
    session(out=tmp_path / "longer", kimg=SHORT, **options)
    before = contents(tmp_path / "longer")
    status, shown = session(out=tmp_path / "longer", kimg=LONG, **options)
    assert status == 0
    count = f"{len(options['seeds'])} trial{'s' if len(options['seeds']) > 1 else ''}"
    assert f"{count} of lsgan: continued from 0.32 kimg." in shown
    assert origins(tmp_path / "longer", LONG) == {(10, SHORT)}
    assert of_length(tmp_path / "longer", LONG) == contents(tmp_path / "whole")
    assert of_length(tmp_path / "longer", SHORT) == before
    assert "Nothing left to do" in session(out=tmp_path / "longer", kimg=LONG, **options)[1]


def test_packs_whose_end_was_kept_stay_together(session: Start, tmp_path: Path, always: None) -> None:
    """Five seeds in place of two would be one pack of five."""
    session(variants=("lsgan",), seeds=(0, 1), kimg=SHORT)
    session(variants=("lsgan",), seeds=(0, 1, 2, 3, 4), kimg=LONG)
    assert origins(tmp_path / "out", LONG) == {(10, SHORT), (None, None)}


def test_an_interrupted_longer_training_continues_once_more(
    session: Start, tmp_path: Path, always: None, monkeypatch: pytest.MonkeyPatch
) -> None:
    options: dict[str, Any] = {"variants": ("lsgan",), "seeds": (0, 1)}
    session(out=tmp_path / "whole", kimg=LONG, **options)
    session(kimg=SHORT, **options)
    with monkeypatch.context() as patch:
        patch.setattr(PackSnapshots, "due", lambda self, seconds: True)
        stop_after(3, patch)
        assert session(kimg=LONG, **options)[0] == 130
    session(kimg=LONG, **options)
    assert origins(tmp_path / "out", LONG) == {(13, SHORT)}
    assert of_length(tmp_path / "out", LONG) == contents(tmp_path / "whole")


@pytest.mark.parametrize(
    ("variant", "kimg", "why"),
    [
        ("nsgan", LONG, "the schedule of lr, .* depends on the length"),
        ("lsgan", 0.48, "the shorter training was not measured at 0.24 kimg"),
    ],
)
def test_what_cannot_continue_begins_again_and_says_why(
    session: Start, tmp_path: Path, always: None, variant: str, kimg: float, why: str
) -> None:
    options: dict[str, Any] = {"variants": (variant,), "seeds": (0,)}
    session(kimg=SHORT, **options)
    for more in ({"dry_run": True}, {}):
        status, shown = session(kimg=kimg, **options, **more)
        assert status == 0
        assert re.search(
            f"1 trial of {variant}: trained from the beginning, not from 0.32 kimg: {why}.", shown
        )
    assert origins(tmp_path / "out", kimg) == {(None, None)}


def test_ends_of_short_trainings_and_of_other_code_are_not_used(
    session: Start, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    options: dict[str, Any] = {"variants": ("lsgan",), "seeds": (0,)}
    session(kimg=SHORT, **options)
    assert not (tmp_path / "out" / "ends").exists()
    assert "no end of it in the same pack is there" in session(kimg=LONG, dry_run=True, **options)[1]
    monkeypatch.setattr(snapshots, "LEAST", 0.0)
    session(out=tmp_path / "other", kimg=SHORT, **options)
    monkeypatch.setattr(identity, "provenance", lambda *_: {"code": "", "versions": {}, "plugins": {}})
    status, shown = session(out=tmp_path / "other", kimg=LONG, **options)
    assert status == 0
    assert "code, plug-ins, libraries, device or measurements are others than then" in shown
    assert origins(tmp_path / "other", LONG) == {(None, None)}


def test_clean_removes_ends(session: Start, tmp_path: Path, always: None) -> None:
    session(variants=("lsgan",), seeds=(0,), kimg=SHORT)
    store = Store(tmp_path / "out")
    (folder,) = unread(store)
    assert folder.path.parent.name == "ends"
    remove([folder], store)
    assert not (tmp_path / "out" / "ends").exists()
