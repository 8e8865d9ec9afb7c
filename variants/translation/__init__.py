"""Translation between two domains of data, with pairs or without."""

from gan_bench.variants.translation import cyclegan, discogan, dualgan, pix2pix, regression, stargan, unit

__all__ = ["cyclegan", "discogan", "dualgan", "pix2pix", "regression", "stargan", "unit"]
