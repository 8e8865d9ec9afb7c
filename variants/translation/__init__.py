"""Translation between two domains of data."""

from gan_bench.variants.translation import cyclegan, unit

__all__ = ["cyclegan", "unit"]
