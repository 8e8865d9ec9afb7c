"""Options of `report` that do not go together."""

from __future__ import annotations

from pathlib import Path

import pytest

from gan_bench.bench.commands.report import Format, report
from gan_bench.bench.common.errors import UsageError


@pytest.mark.parametrize(
    ("folders", "options", "sentence"),
    [
        (3, {}, "one folder of results, or two to compare; 3 are given"),
        (2, {"format_": Format.latex}, "--format latex makes a table of one folder"),
        (1, {"columns": "fid"}, "add --format latex"),
        (1, {"out": Path("x")}, "--out is for a table or two folders"),
    ],
)
def test_what_does_not_go_together_is_refused(tmp_path, folders, options, sentence):
    with pytest.raises(UsageError, match=sentence):
        report([tmp_path] * folders, **options)


def test_a_folder_without_results_makes_no_table(tmp_path):
    with pytest.raises(UsageError, match="holds no results"):
        report([tmp_path], format_=Format.latex)
