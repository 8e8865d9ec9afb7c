"""Tables as CSV that spreadsheet programs open without calculating anything."""

from __future__ import annotations

from typing import Any

import pandas as pd
import pyarrow as pa
from pyarrow import csv

FORMULA = ("=", "+", "-", "@", "\t", "\r")
"""First characters by which spreadsheet programs know a formula (OWASP, "CSV Injection")."""


def without_formulas(frame: pd.DataFrame) -> pd.DataFrame:
    """Return a frame whose texts begin with an apostrophe where a spreadsheet would calculate them."""
    texts = {name: frame[name].map(_as_text) for name in frame if frame[name].dtype.kind not in "biufmM"}
    return frame.assign(**texts).rename(columns=_as_text)


def csv_bytes(frame: pd.DataFrame) -> bytes:
    """Return a frame as CSV in UTF-8, see :func:`without_formulas`.

    By Arrow's writer: plots of samples hold a hundred thousand numbers.
    """
    shown = without_formulas(frame)
    buffer = pa.BufferOutputStream()
    csv.write_csv(
        pa.Table.from_pandas(shown, preserve_index=False), buffer, csv.WriteOptions(quoting_style="needed")
    )
    return buffer.getvalue().to_pybytes()


def _as_text(value: Any) -> Any:
    if isinstance(value, str) and value.startswith(FORMULA) and not _is_number(value):
        return f"'{value}"
    return value


def _is_number(text: str) -> bool:
    try:
        float(text)
    except ValueError:
        return False
    return True
