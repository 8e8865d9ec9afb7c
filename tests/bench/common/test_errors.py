from __future__ import annotations

import pytest

from gan_bench.bench.common.errors import UsageError, check_name, suggestion


def test_the_nearest_choice_is_named() -> None:
    with pytest.raises(UsageError, match=r"unknown variant 'nsgam' in --variants; did you mean 'nsgan'\?"):
        check_name("variant", "nsgam", ["gan", "nsgan"], "--variants")


def test_all_choices_are_named_where_none_is_near() -> None:
    assert suggestion("xyz", ["smoke", "quick"]) == "choose from: smoke, quick"
    assert suggestion("xyz", []) == "there is none to choose from"


def test_a_valid_name_passes() -> None:
    check_name("variant", "gan", iter(["gan"]))
