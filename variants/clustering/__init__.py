"""Clustering by generation: a category beside the latent, which a network reads off data."""

from gan_bench.variants.clustering import clustergan, infogan

__all__ = ["clustergan", "infogan"]
