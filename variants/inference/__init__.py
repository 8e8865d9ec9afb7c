"""Games that also learn inference: data to latent."""

from gan_bench.variants.inference import aae, bigan

__all__ = ["aae", "bigan"]
