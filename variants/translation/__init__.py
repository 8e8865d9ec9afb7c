"""Translation between two domains of data."""

from variants.translation import cyclegan

__all__ = ["cyclegan"]
