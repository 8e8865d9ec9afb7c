"""Generation that is told what to generate: label and latent to data."""

from gan_bench.variants.conditional import acgan

__all__ = ["acgan"]
