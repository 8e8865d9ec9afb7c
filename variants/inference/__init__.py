"""Games that also learn the way back: data to latent."""

from variants.inference import bigan

__all__ = ["bigan"]
