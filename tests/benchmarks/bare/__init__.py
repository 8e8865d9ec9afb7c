"""The loops that people write by hand: the same networks, plain PyTorch, nothing else.

They are the yardstick of the engine's speed, so they are written as one would write them well: no
DataLoader, no logging, ``detach`` where it belongs, the fake batch drawn once per update. A loop registers
itself under the name of its variant; ``python -m bench speed --against bare`` finds it by that.

Imports within are relative: the command loads this folder by its path, wherever it is run.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from types import SimpleNamespace
from typing import Any

from .data import batches, classic_batches, ring_batch
from .loops import LOOPS, SETTINGS
from .networks import Unknown, perceptron, plain

__all__ = ["LOOPS", "Unknown", "loop", "perceptron", "ring_batch"]


def loop(
    variant: str, dataset: Any, network: Mapping[str, Any], hyperparameters: Mapping[str, Any], device: str,
    classic: bool = False,
) -> Callable[[], None]:  # fmt: skip
    """One iteration of a variant's hand-written loop, on the networks that the harness gives it.

    With ``classic`` batches come from a DataLoader and every loss is read at every step.

    Raises:
        Unknown: for settings that the loops do not know.
    """
    from gan_bench import variants
    from gan_bench.bench.engine.facts import data_spec
    from gan_bench.variants.hyperparameters import continuous, resolve
    from gan_bench.variants.networks import builder

    game_class = variants.get(variant)
    usual = resolve(game_class.hyperparameters)
    of_players = {f"{player}_{what}" for player in ("critic", "generator") for what in ("optimiser", "lr")}
    for name, value in hyperparameters.items():
        known = name in {*SETTINGS, *of_players, "batch_size", "latent_dim", "critic_norm"}
        if (not known and value != usual[name]) or isinstance(value, Mapping) or value == "sphere":
            raise Unknown(f"the hand-written loops do not know {name} = {value}")
    structural = hyperparameters.keys() - continuous(game_class.hyperparameters)
    structure = SimpleNamespace(**{name: hyperparameters[name] for name in structural})
    networks = game_class(data_spec(dataset), structure).networks(builder(network))
    generator, critic = (plain(networks[role]).to(device) for role in ("generator", "critic"))
    batch, latent = hyperparameters["batch_size"], hyperparameters["latent_dim"]
    real = (classic_batches if classic else batches)(dataset, batch, device)
    made = LOOPS[variant](generator, critic, real, batch, latent, hyperparameters, device)
    made.read = classic
    return made.step
