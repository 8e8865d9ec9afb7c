"""Translation between two domains of data, with pairs or without."""

from gan_bench.variants.translation import cyclegan, pix2pix, regression, unit

__all__ = ["cyclegan", "pix2pix", "regression", "unit"]
