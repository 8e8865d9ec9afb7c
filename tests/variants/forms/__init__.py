"""The losses of every registered variant in NumPy, as its paper writes them: variant -> loss of each player.

``FORMS`` holds whole losses on a :class:`~tests.variants.scenes.Scene`; ``SCORES`` the two objectives on real
and fake scores, of those that are functions of scores.
"""

from tests.variants.forms import (
    adaptation,
    lookahead,
    networks,
    parts,
    restoration,
    scores,
    semisupervised,
    translation,
)
from tests.variants.forms.notes import FORMS, SCORES, of_scores

__all__ = [
    "FORMS",
    "SCORES",
    "adaptation",
    "lookahead",
    "networks",
    "of_scores",
    "parts",
    "restoration",
    "scores",
    "semisupervised",
    "translation",
]
