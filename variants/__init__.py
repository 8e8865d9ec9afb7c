"""Adversarial games, each written for one replica as its paper writes it."""

from variants import conditional, generation, inference, translation
from variants.base import DataSpec, Frozen, Game, Loss, Play, Player, Round, ability
from variants.hyperparameters import Hyperparameter, HyperparameterError
from variants.network import Network
from variants.noise import Noise
from variants.registry import UnknownVariant, get, info, names, register
from variants.sources import Profile
from variants.two_player import TwoPlayer

__all__ = [
    "DataSpec",
    "Frozen",
    "Game",
    "Hyperparameter",
    "HyperparameterError",
    "Loss",
    "Network",
    "Noise",
    "Play",
    "Player",
    "Profile",
    "Round",
    "TwoPlayer",
    "UnknownVariant",
    "ability",
    "conditional",
    "generation",
    "get",
    "inference",
    "info",
    "names",
    "register",
    "translation",
]
