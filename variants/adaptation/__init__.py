"""Adaptation: a classifier for a target domain without labels, from a source domain with labels."""

from gan_bench.variants.adaptation import cogan, pixelda, supervised

__all__ = ["cogan", "pixelda", "supervised"]
