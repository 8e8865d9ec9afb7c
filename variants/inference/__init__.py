"""Games that also learn inference: data to latent."""

from gan_bench.variants.inference import aae, ali, bigan, vaegan

__all__ = ["aae", "ali", "bigan", "vaegan"]
