"""Residual networks: SNGAN's generators and critics, CycleGAN's translators, MUNIT's encoders and decoders."""

from __future__ import annotations

import math
from collections.abc import Mapping
from typing import Any, ClassVar

from torch import Tensor, nn

from gan_bench.spaces import Space
from gan_bench.variants.hyperparameters import Hyperparameter
from gan_bench.variants.networks.blocks import Recipe, Sequence
from gan_bench.variants.networks.family import Family
from gan_bench.variants.networks.inputs import Flat, flat_width
from gan_bench.variants.networks.layers import Autoencoder, Bounded, Stack, View
from gan_bench.variants.networks.map_critic import MapCritic
from gan_bench.variants.networks.maps import Channels, Size, is_map, is_vector, size_of
from gan_bench.variants.networks.registry import register_family
from gan_bench.variants.networks.sizing import largest_within, parameter_count
