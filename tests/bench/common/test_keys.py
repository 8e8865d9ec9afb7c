from __future__ import annotations

import dataclasses
import hashlib
import json
import math
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from gan_bench.bench.common import keys
from gan_bench.bench.planning.trial import LABELS, MEASURING, Trial

scalars = st.one_of(
    st.none(),
    st.booleans(),
    st.integers(-(2**53), 2**53),
    st.floats(allow_nan=False, allow_infinity=False),
    st.text(max_size=8),
)
values = st.recursive(
    scalars,
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=5), inner, max_size=3),
    max_leaves=8,
)
tables = st.dictionaries(st.text(max_size=5), values, min_size=1, max_size=6)


def reordered(value: Any) -> Any:
    if isinstance(value, dict):
        return {key: reordered(value[key]) for key in reversed(list(value))}
    return [reordered(item) for item in value] if isinstance(value, list) else value


@given(tables)
def test_the_order_of_fields_does_not_matter(table: dict[str, Any]) -> None:
    assert keys.training_key(table) == keys.training_key(reordered(table))


@given(tables, st.data())
def test_any_change_of_a_field_changes_the_key(table: dict[str, Any], data: st.DataObject) -> None:
    name = data.draw(st.sampled_from(sorted(table)))
    other = data.draw(values)
    # JSON knows no difference between 1 and 1.0, nor do hyperparameters; Python's == also takes True for 1.
    same = json.dumps(keys._plain(other), sort_keys=True) == json.dumps(
        keys._plain(table[name]), sort_keys=True
    )
    assert (keys.training_key({**table, name: other}) == keys.training_key(table)) == same


@given(tables)
def test_a_key_survives_json(table: dict[str, Any]) -> None:
    assert keys.digest(json.loads(json.dumps(table))) == keys.digest(table)


def test_the_key_is_a_hash_of_plain_json() -> None:
    assert keys.canonical({"b": [1.0, 0.5], "a": "é"}) == '{"a":"é","b":[1,0.5]}'.encode()
    assert keys.digest([1]) == hashlib.sha256(b"[1]").hexdigest()[:20]


@pytest.mark.parametrize("bad", [math.nan, math.inf])
def test_what_is_not_a_number_has_no_key(bad: float) -> None:
    with pytest.raises(ValueError, match="not JSON compliant"):
        keys.digest({"lr": bad})


def test_an_evaluation_has_the_key_of_its_training_and_its_protocol() -> None:
    one = keys.evaluation_key("a", {"fid": 1})
    assert len({one, keys.evaluation_key("b", {"fid": 1}), keys.evaluation_key("a", {"fid": 2})}) == 3
    assert one == keys.evaluation_key("a", {"fid": 1})
    for protocol in ({"fid": 1.0, "é": [True, 1]}, {"b": 1e-8, "a": {"c": None}}):
        whole = {"key": "evaluation", "training": "a", "protocol": protocol}
        assert keys.evaluation_key("a", protocol) == keys.digest(whole)
        assert keys.protocol_key(protocol) == keys.digest(protocol)


CHANGES: dict[str, Any] = {
    "data_name": "grid",
    "stand_in_for": "mnist",
    "content_hash": "abd",
    "variant": "lsgan",
    "network": {"family": "mlp", "hidden": [9]},
    "hyperparameters": {"lr": 1.0000001e-3, "batch_size": 32, "n_critic": 1},
    "seed": 1,
    "kimg": 1.5,
    "points": (0.25, 1.0),
    "dtype": "float64",
    "versions": {"variant": 2, "engine": 1},
}


def test_every_field_of_a_trial_is_in_its_key_or_named_as_left_out() -> None:
    fields = {field.name for field in dataclasses.fields(Trial)}
    assert fields == CHANGES.keys() | LABELS | MEASURING


@pytest.mark.parametrize("name", CHANGES)
def test_whatever_training_depends_on_changes_the_key(trial: Trial, name: str) -> None:
    changed = dataclasses.replace(trial, **{name: CHANGES[name]})
    assert changed.key != trial.key
    assert (changed.cell == trial.cell) == (name == "seed")


@pytest.mark.parametrize("name", sorted(LABELS | MEASURING))
def test_labels_and_what_only_measuring_needs_do_not(trial: Trial, name: str) -> None:
    other = 7 if isinstance(getattr(trial, name), int) else "other"
    assert dataclasses.replace(trial, **{name: other}).key == trial.key


def test_a_trial_survives_json(trial: Trial) -> None:
    again = Trial.from_spec(json.loads(json.dumps(trial.spec())))
    assert again == trial
    assert hash(again) == hash(trial)
