"""Named random streams: a generator per (seed, purpose), in place of a global generator."""

from __future__ import annotations

import hashlib

import torch

NUMERICS_VERSION = 2
"""Part of every training key; raise it with every change of the engine that changes a trial's numbers."""


def derive(seed: int | str, *purpose: str) -> int:
    """Return a 63-bit seed for one purpose: the first bits of SHA-256 over the names.

    Args:
        seed: a trial's seed, or a name for streams shared by all trials (evaluation).
        purpose: the path of the stream, such as ``"noise", "latent"``.
    """
    text = "\x1f".join((str(seed), *purpose))
    return int.from_bytes(hashlib.sha256(text.encode()).digest()[:8], "big") >> 1


def stream(seed: int | str, *purpose: str, device: torch.device | str = "cpu") -> torch.Generator:
    """Return a new generator for one purpose, on ``device``."""
    return torch.Generator(device=device).manual_seed(derive(seed, *purpose))
