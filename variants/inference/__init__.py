"""Games that also learn inference: data to latent."""

from gan_bench.variants.inference import bigan

__all__ = ["bigan"]
