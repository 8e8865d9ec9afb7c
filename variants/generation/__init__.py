"""Unconditional generation: latent to data."""

from variants.generation import began, gan, lsgan, relativistic, wgan

__all__ = ["began", "gan", "lsgan", "relativistic", "wgan"]
