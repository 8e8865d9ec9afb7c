"""Backbone families that fill a game's network roles."""

from gan_bench.variants.networks import dcgan, dirac, mlp
from gan_bench.variants.networks.registry import ArchitectureError, builder, check, families, register_family

__all__ = ["ArchitectureError", "builder", "check", "dcgan", "dirac", "families", "mlp", "register_family"]
