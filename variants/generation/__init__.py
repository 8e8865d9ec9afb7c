"""Unconditional generation: latent to data."""

from gan_bench.variants.generation import parts  # isort: skip - their order is that in which compositions are written
from gan_bench.variants.generation import history, lookahead  # isort: skip
from gan_bench.variants.generation import (
    began,
    bgan,
    ebgan,
    gan,
    hinge,
    lsgan,
    relativistic,
    softmax,
    veegan,
    wgan,
)

from gan_bench.variants.generation import named  # isort: skip - compositions of those above

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
