"""Generation that is told what to generate: label and latent to data."""

from variants.conditional import acgan

__all__ = ["acgan"]
