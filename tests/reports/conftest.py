"""Synthetic results with the columns of bench.frames: everything a report must cope with, in small."""

from __future__ import annotations

import json
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import pandas as pd
import pytest

VARIANTS = {
    "gan": 2014, "nsgan": 2014, "lsgan": 2016, "wgan": 2017, "wgan-gp": 2017, "began": 2017, "rsgan": 2018,
    "ragan": 2018,
}  # fmt: skip
CURVE = {
    "images": [("fid_lenet28", "min", 40.0), ("is_lenet28", "max", 6.0), ("class_kl_lenet28", "min", 0.3)],
    "planar": [("modes", "max", 8.0), ("high_quality", "max", 0.8), ("sliced_wasserstein", "min", 0.1)],
    "scalar": [("w1", "min", 0.2), ("ks", "min", 0.1), ("mean", "target", 4.0)],
}
FINAL = {
    "images": [("kid_lenet28", "min", 0.02), ("precision_lenet28", "max", 0.7), ("recall_lenet28", "max", 0.4),
               ("density_lenet28", "max", 0.8), ("coverage_lenet28", "max", 0.6)],
    "planar": [("reverse_kl", "min", 0.4), ("off_mode", "min", 0.1)],
    "scalar": [("mean_error", "min", 0.1), ("std_error", "min", 0.1)],
}  # fmt: skip


@dataclass
class Results:
    """The three frames, as `bench.frames` gives them."""

    trials: pd.DataFrame
    scores: pd.DataFrame
    history: pd.DataFrame


def make_results(
    folder: Path | None,
    *,
    variants: dict[str, int] = VARIANTS,
    seeds: int = 5,
    kind: str = "images",
    dataset: str = "mnist",
    stand_in_for: str | None = None,
    architectures: tuple[str, ...] = ("mlp",),
    lost: bool = True,
    ema: bool = True,
    points: int = 4,
    kimg: float = 96.0,
    iterations: int = 1500,
    suite: str | None = None,
    profile: str = "tuned",
    settings: int = 1,
) -> Results:
    """Results of every variant, seed, architecture and setting; with `lost`, one diverges early, one late, one fails."""
    rng = np.random.default_rng(5)
    trials, scores, history = [], [], []
    for architecture in architectures:
        for place, (variant, year) in enumerate(variants.items()):
            for setting in range(settings):
                for seed in range(seeds):
                    status = "finished"
                    if lost and place == 3 and seed in (1, 2):
                        status = "diverged"
                    if lost and place == 5 and seed == 0:
                        status = "failed"
                    trial = f"{suite or dataset}-{architecture}-{place}-{setting}-{seed}-{kimg:g}"
                    samples = (
                        _samples(folder, trial, kind, rng, ema) if folder and status == "finished" else None
                    )
                    hyperparameters = {
                        "lr": 1e-4 * (setting + 1),
                        "beta1": 0.5,
                        "schedule": {"start": 1, "end": 0},
                    }
                    shared = {"trial": trial, "suite": suite or dataset, "dataset": dataset,
                              "stand_in_for": stand_in_for, "variant": variant, "profile": profile,
                              "architecture": architecture, "seed": seed, "status": status}  # fmt: skip
                    speed = rng.normal(300 - 20 * place, 8)
                    trials.append({
                        **shared, "year": year, "paper": f"arXiv:{year % 100}01.00001", "kind": kind, "kimg": kimg,
                        "primary": CURVE[kind][0][0], "hyperparameters": json.dumps(hyperparameters),
                        "error": "Traceback (most recent call last):\n  ...\nRuntimeError: <b>out</b> of luck" if status == "failed" else None,
                        "diverged_at": 700 + seed if status == "diverged" else None,
                        "iterations": iterations, "critic_updates": iterations, "generator_updates": iterations,
                        "images": int(kimg * 1000), "train_seconds": kimg * 1000 / speed / 64, "eval_seconds": 3.0,
                        "iterations_per_second": speed, "images_per_second": speed * 64, "pack_size": seeds,
                        "critic_parameters": 1_234_567, "generator_parameters": 456_789, "device": "cpu",
                        "samples": str(samples) if samples else None,
                    })  # fmt: skip
                    if status == "failed":
                        continue
                    ability = 1 + 0.15 * place + 0.1 * setting + rng.normal(0, 0.05)
                    stop = points // 2 if status == "diverged" else points
                    for point in range(1, stop + 1):
                        share = point / points
                        where = {"kimg": kimg * share, "iteration": int(iterations * share),
                                 "generator_updates": int(iterations * share), "critic_updates": int(iterations * share),
                                 "seconds": share * trials[-1]["train_seconds"]}  # fmt: skip
                        end = point == points
                        for metric, direction, scale in [*CURVE[kind], *(FINAL[kind] if end else [])]:
                            for weights in ("raw", "ema") if ema else ("raw",):
                                value = scale * (ability * (0.9 if weights == "ema" else 1)) * (
                                    share**-1.2 if direction == "min" else share**0.2 / ability**2
                                )  # fmt: skip
                                when = (
                                    "final" if (metric, direction, scale) in FINAL[kind] or end else "curve"
                                )
                                row = {**shared, "metric": metric, "value": value, "reason": None,
                                       "direction": direction, "version": 1, "split": "test", "when": when,
                                       "weights": weights, **where}  # fmt: skip
                                scores.append(row)
                                if metric == CURVE[kind][0][0]:
                                    scores.append({**row, "split": "validation", "value": value * 1.01})
                                    if end:
                                        scores.append({**row, "when": "best", "value": value * 0.97})
                    steps = np.unique(np.linspace(1, iterations * stop / points, 300).astype(int))
                    for name, level in (("critic", 1.2), ("generator", 0.8)):
                        history.append(pd.DataFrame({
                            "trial": trial, "iteration": steps, "kimg": steps * kimg / iterations,
                            "seconds": steps / speed, "name": name,
                            "value": level + 0.3 * np.log1p(steps / 200) + rng.normal(0, 0.05, len(steps)),
                        }))  # fmt: skip
    return Results(pd.DataFrame(trials), pd.DataFrame(scores), pd.concat(history, ignore_index=True))


def _samples(folder: Path, trial: str, kind: str, rng: np.random.Generator, ema: bool) -> Path:
    def draw(noise: float) -> np.ndarray:
        if kind == "images":
            rows, columns = np.mgrid[:28, :28]
            centres = rng.uniform(10, 18, (100, 1, 2, 1, 1))
            rings = np.hypot(rows - centres[:, :, 0], columns - centres[:, :, 1])
            return np.clip(
                255 * np.exp(-((rings - 7) ** 2) / 3) + rng.normal(0, 60 * noise, rings.shape), 0, 255
            ).astype(np.uint8)
        if kind == "planar":
            angles = rng.integers(8, size=2500) * np.pi / 4
            return (
                np.stack([np.cos(angles), np.sin(angles)], 1) + rng.normal(0, 0.01 + 0.05 * noise, (2500, 2))
            ).astype(np.float32)
        return rng.normal(4, 1.25 * (1 + noise * 0.2), (2500, 1)).astype(np.float32)

    folder.mkdir(parents=True, exist_ok=True)
    path = folder / f"{trial.replace('/', '_')}.npz"
    arrays = {"real": draw(0), "final": draw(1)} | ({"ema": draw(0.6)} if ema else {})
    np.savez_compressed(path, **arrays)
    return path


def join(*parts: Results) -> Results:
    """Several results in one store."""
    return Results(
        *(
            pd.concat([getattr(part, name) for part in parts], ignore_index=True)
            for name in ("trials", "scores", "history")
        )
    )


@pytest.fixture
def results(tmp_path: Path) -> Results:
    """Eight variants and five seeds of images, two diverged trials and a failed one."""
    return make_results(tmp_path / "samples")


@pytest.fixture
def make():
    """The factory itself."""
    return make_results
