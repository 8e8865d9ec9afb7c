"""Families of networks that fill a game's roles."""

from gan_bench.variants.networks import conv, dirac, mlp, patch, resnet, rrdb, srresnet, unet, vgg
from gan_bench.variants.networks.building import builder
from gan_bench.variants.networks.family import Family
from gan_bench.variants.networks.registry import ArchitectureError, check, families, register_family

__all__ = [
    "ArchitectureError", "Family", "builder", "check", "conv", "dirac", "families", "mlp", "patch",
    "register_family", "resnet", "rrdb", "srresnet", "unet", "vgg",
]  # fmt: skip
