"""Translation between two domains of data, with pairs or without."""

from gan_bench.variants.translation import (
    bicyclegan,
    cyclegan,
    discogan,
    dualgan,
    munit,
    pix2pix,
    regression,
    stargan,
    unit,
)

__all__ = [
    "bicyclegan",
    "cyclegan",
    "discogan",
    "dualgan",
    "munit",
    "pix2pix",
    "regression",
    "stargan",
    "unit",
]
