"""Two laws on a few points, as samples in which every point occurs as often as it should."""

from __future__ import annotations

from types import SimpleNamespace

import numpy as np
from hypothesis import strategies as st

from tests.variants.scenes import leaf, on_scores, slopes

_counts = st.lists(st.integers(1, 9), min_size=4, max_size=4).map(np.array)
two_laws = st.tuples(_counts, _counts)
"""Shares of four points among real samples, and among generated ones."""
tables = st.lists(st.floats(-5, 5), min_size=4, max_size=4).map(np.array)
"""Scores of the four points."""


def on_laws(variant, counts, table, *, pairs=False, **hp):
    """The critic's loss where point i scores ``table[i]``, with its slope by the table and the two laws.

    With ``pairs`` every real sample meets every generated one.
    """
    real, fake = (np.repeat(np.arange(len(c)), c) for c in counts)
    if pairs:
        real, fake = np.repeat(real, len(fake)), np.tile(fake, len(real))
    table = leaf(table)
    loss = on_scores(variant, "critic", table[real], table[fake], **hp)
    p, q = (c / c.sum() for c in counts)
    return SimpleNamespace(loss=loss.item(), slope=slopes(loss, table)[0], p=p, q=q)
