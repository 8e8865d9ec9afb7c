"""Games that also learn the way back: data to latent."""

from gan_bench.variants.inference import bigan

__all__ = ["bigan"]
