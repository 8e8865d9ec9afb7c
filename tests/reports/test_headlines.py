"""Samples on the overview: those of the leading entries that have any."""

from types import SimpleNamespace

import pytest

from gan_bench.reports.pages.headlines import SHEETS, _pictures
from gan_bench.reports.sheets import Sheet, Sheets


def shown(**files):
    entries = {label: [[Sheet("caption", "alt", file)]] for label, file in files.items()}
    nothing = {"points": [], "curves": [], "strips": []}
    return SimpleNamespace(sheets=Sheets(Sheet("real", "alt", "real.png"), entries), pictures=nothing)


def labels(board, few=True):
    return [label for label, _ in _pictures(board, few, True)[0]]


def test_entries_without_samples_leave_their_place_to_the_next_ones():
    board = shown(first=None, second="2.png", third=None, fourth="4.png", fifth="5.png", sixth="6.png")
    assert labels(board) == ["", "second", "fourth", "fifth"]
    assert labels(board, few=False) == ["", "second"]


@pytest.mark.parametrize("file", [None, "some.png"])
def test_entries_that_are_alike_are_shown_in_their_order(file):
    assert labels(shown(**{f"entry{n}": file for n in range(9)})) == [
        "",
        *(f"entry{n}" for n in range(SHEETS)),
    ]
