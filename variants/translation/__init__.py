"""Translation between two domains of data."""

from gan_bench.variants.translation import cyclegan

__all__ = ["cyclegan"]
