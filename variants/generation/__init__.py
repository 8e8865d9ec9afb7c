"""Unconditional generation: latent to data."""
