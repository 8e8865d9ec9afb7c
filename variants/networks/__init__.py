"""Backbone families that fill a game's network roles."""

from variants.networks import dcgan, dirac, mlp
from variants.networks.registry import ArchitectureError, builder, check, families, register_family

__all__ = ["ArchitectureError", "builder", "check", "dcgan", "dirac", "families", "mlp", "register_family"]
