"""Runs that are killed at random moments lose no trial, and end with the bits of whole ones."""

from __future__ import annotations

import random
from pathlib import Path

import pytest

from tests.faults.kills import KINDS, Kills


@pytest.mark.slow
@pytest.mark.parametrize("kind", KINDS)
def test_a_killed_run_ends_as_one_that_was_left_alone(kind: str, tmp_path: Path) -> None:
    kills = Kills(kind, tmp_path / kind, random.Random(kind))
    while sum(kills.killed.values()) < 4:
        kills.round(4)
