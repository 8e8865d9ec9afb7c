"""Unconditional generation: latent to data."""

from variants.generation import parts  # isort: skip - their order is that in which compositions are written
from variants.generation import history, lookahead  # isort: skip
from variants.generation import began, bgan, ebgan, gan, hinge, lsgan, relativistic, softmax, veegan, wgan

from variants.generation import named  # isort: skip - compositions of those above

__all__ = [
    "began",
    "bgan",
    "ebgan",
    "gan",
    "hinge",
    "history",
    "lookahead",
    "lsgan",
    "named",
    "parts",
    "relativistic",
    "softmax",
    "veegan",
    "wgan",
]
