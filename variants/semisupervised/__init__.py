"""Semi-supervised learning: a classifier from few labelled and many unlabelled samples."""

from gan_bench.variants.semisupervised import ccgan, sgan, supervised

__all__ = ["ccgan", "sgan", "supervised"]
