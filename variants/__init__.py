"""Adversarial games, each written for one replica as its paper writes it."""

from gan_bench.variants import (
    adaptation,
    clustering,
    conditional,
    generation,
    inference,
    restoration,
    semisupervised,
    translation,
)
from gan_bench.variants.adversarial import Adversarial
from gan_bench.variants.base import Game, Loss, Play, Player, Round
from gan_bench.variants.critics import Critic
from gan_bench.variants.declarations import Ability, DataSpec, Frozen, Subset, Tied, ability
from gan_bench.variants.hyperparameters import Hyperparameter, HyperparameterError
from gan_bench.variants.network import Network
from gan_bench.variants.noise import Noise
from gan_bench.variants.objectives import Objective
from gan_bench.variants.registry import UnknownVariant, get, info, names, register
from gan_bench.variants.sources import Profile
from gan_bench.variants.two_player import TwoPlayer

__all__ = [
    "Ability",
    "Adversarial",
    "Critic",
    "DataSpec",
    "Frozen",
    "Game",
    "Hyperparameter",
    "HyperparameterError",
    "Loss",
    "Network",
    "Noise",
    "Objective",
    "Play",
    "Player",
    "Profile",
    "Round",
    "Subset",
    "Tied",
    "TwoPlayer",
    "UnknownVariant",
    "ability",
    "adaptation",
    "clustering",
    "conditional",
    "generation",
    "get",
    "inference",
    "info",
    "names",
    "register",
    "restoration",
    "semisupervised",
    "translation",
]
