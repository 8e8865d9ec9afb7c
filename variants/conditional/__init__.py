"""Conditional generation: label and latent to data."""

from gan_bench.variants.conditional import acgan, cgan

__all__ = ["acgan", "cgan"]
