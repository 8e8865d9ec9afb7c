"""Unconditional generation: latent to data."""

from gan_bench.variants.generation import (
    began,
    bgan,
    ebgan,
    gan,
    hinge,
    history,
    lookahead,
    lsgan,
    named,
    parts,
    relativistic,
    softmax,
    veegan,
    wgan,
)

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
