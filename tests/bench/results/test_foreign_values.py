"""Stores and baselines with foreign values at any depth: read, or refused in one sentence."""

from __future__ import annotations

import contextlib
import copy
import json
import shutil
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from gan_bench.bench.common.errors import UsageError
from gan_bench.bench.common.seals import sealed
from gan_bench.bench.compare import frame_of, load
from gan_bench.bench.results import frames
from gan_bench.bench.results.store import Store
from gan_bench.bench.results.verifying import verify
from tests.fuzz.inputs import mutated, values
from tests.fuzz.test_inputs import generated


@pytest.fixture
def results(trained: Path) -> Path:
    return trained


def changed(content: dict[str, Any], change: tuple) -> dict[str, Any]:
    made = copy.deepcopy(content)
    for step in change:
        mutated(made, *step)
    return json.loads(json.dumps(made, allow_nan=True))


changes = st.lists(
    st.tuples(
        st.integers(0, 10**6), st.sampled_from(["set", "remove", "add", "rename"]), values(), st.text()
    ),
    min_size=1,
    max_size=3,
).map(tuple)


@pytest.mark.slow
@pytest.mark.sample
@generated(60)
@given(st.sampled_from(["record", "evaluation", "plan"]), st.integers(0, 3), changes, st.booleans())
def test_stores(results: Path, what: str, number: int, change: tuple, seal: bool) -> None:
    """A changed file is left out; one with a fitting checksum too, where its content cannot be."""
    copied = results.with_name("copy")
    shutil.rmtree(copied, ignore_errors=True)
    shutil.copytree(results, copied)
    files = {
        "record": sorted(copied.glob("trials/*/record.json")),
        "evaluation": sorted(copied.glob("trials/*/evaluations/*.json")),
        "plan": sorted(copied.glob("plans/*.json")),
    }[what]
    path = files[number % len(files)]
    before = json.loads(path.read_text())
    try:
        after = changed(before, change)
        text = sealed(after) if seal else json.dumps(after).encode()
    except ValueError:  # NaN, which no file of a store can hold
        return
    path.write_bytes(text)
    store = Store(copied)
    left_out = store.look_through()
    if not seal and after != before:
        assert left_out, "a changed file is in the tables"
    frames.load(store)
    assert len(verify(Store(copied)).problems) == len(left_out)
    read(lambda: frame_of(Store(copied)))


@generated(60)
@given(st.binary(max_size=200), st.floats(0, 1))
def test_baselines(results: Path, content: bytes, at: float) -> None:
    """Bytes replaced in a baseline file."""
    from gan_bench.bench.compare import save

    file = results.with_name("baseline.parquet")
    if not file.exists():
        save(frame_of(Store(results)), file)
        results.with_name("whole").write_bytes(file.read_bytes())
    whole = results.with_name("whole").read_bytes()
    start = int(at * len(whole))
    damaged = results.with_name("damaged.parquet")
    damaged.write_bytes(whole[:start] + content + whole[start + len(content) :])
    read(lambda: load(damaged))


def read(function: Callable[[], Any]) -> None:
    """Read something; a refusal is one sentence."""
    refused = ""
    with contextlib.suppress(UsageError):
        try:
            function()
        except UsageError as error:
            refused = str(error)
            raise
    assert len(refused.splitlines()) <= 1
