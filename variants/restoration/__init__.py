"""Restoration of images: super-resolution and filled holes."""

from gan_bench.variants.restoration import context_encoder, esrgan, pixels, srgan

__all__ = ["context_encoder", "esrgan", "pixels", "srgan"]
