"""Synthetic results in frames of `reports.schema`: all that a report must cope with, in small."""

from __future__ import annotations

import hashlib
import itertools
import json
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import pandas as pd

from gan_bench.bench.metrics import describe
from gan_bench.reports.colours import looks
from gan_bench.reports.frames import tidy
from gan_bench.reports.labels import FileNames
from gan_bench.reports.plots import Board
from gan_bench.reports.references import reference_rows
from gan_bench.reports.schema import METRICS, SCORES, TRIALS
from gan_bench.reports.summary import board_rows

VARIANTS = {
    "gan": 2014, "nsgan": 2014, "lsgan": 2016, "wgan": 2017, "wgan-gp": 2017, "began": 2017, "rsgan": 2018,
    "ragan": 2018,
}  # fmt: skip


HOSTILE = [
    "<script>alert(1)</script>",
    "$x_1$ & 50% #{}~^\\",
    "a|`b`\n[red]c[/red]",
    "画像 \x00\x08\x1b[31m",
    "../../etc/passwd",
    "a variant with a name that goes on and on and on",
]


CURVE = {
    "images": [("fid_lenet28", "min", 40.0), ("is_lenet28", "max", 6.0), ("class_kl_lenet28", "min", 0.3)],
    "planar": [("modes", "max", 8.0), ("high_quality", "max", 0.8), ("sliced_wasserstein", "min", 0.1)],
    "scalar": [("w1", "min", 0.2), ("ks", "min", 0.1), ("mean", "target", 4.0)],
}


FINAL = {
    "images": [("kid_lenet28", "min", 0.02),
               ("precision_lenet28", "max", 0.7), ("recall_lenet28", "max", 0.4),
               ("density_lenet28", "max", 0.8), ("coverage_lenet28", "max", 0.6)],
    "planar": [("reverse_kl", "min", 0.4), ("off_mode", "min", 0.1)],
    "scalar": [("mean_error", "min", 0.1), ("std_error", "min", 0.1)],
}  # fmt: skip


ERROR = "Traceback (most recent call last):\n  ...\nRuntimeError: <b>out</b> of luck"


@dataclass
class Results:
    """The frames, as `bench.results.frames` gives them."""

    trials: pd.DataFrame
    scores: pd.DataFrame
    history: pd.DataFrame

    @property
    def metrics(self) -> pd.DataFrame:
        """Titles, units and meanings of the metrics in the scores."""
        return METRICS.build(one._asdict() for one in describe(self.scores["metric"]))


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
    """Results of every variant, seed, architecture and setting; with `lost`, two diverge and one fails."""
    rng = np.random.default_rng(5)
    trials, scores, history = [], [], []
    grid = itertools.product(architectures, enumerate(variants.items()), range(settings), range(seeds))
    for architecture, (place, (variant, year)), setting, seed in grid:
        status = {(3, 1): "diverged", (3, 2): "diverged", (5, 0): "failed"}.get((place, seed), "finished")
        status = status if lost else "finished"
        spec = repr((dataset, architecture, variant, profile, setting, seed, kimg))
        trial = hashlib.sha256(spec.encode()).hexdigest()[:20]
        kept = folder is not None and status == "finished"
        path = _samples(folder, trial, kind, rng, ema, place == 0) if kept else None
        shared = {
            "trial": trial, "suite": suite or dataset, "dataset": dataset, "stand_in_for": stand_in_for,
            "variant": variant, "profile": profile, "architecture": architecture, "seed": seed,
            "status": status,
        }  # fmt: skip
        speed = rng.normal(300 - 20 * place, 8)
        hyperparameters = {"lr": 1e-4 * (setting + 1), "beta1": 0.5, "schedule": {"start": 1, "end": 0}}
        trials.append({
            **shared, "budget": "full", "year": year, "look": list(variants).index(variant),
            "paper": f"arXiv:{year % 100}01.00001", "kind": kind, "kimg": kimg,
            "primary": CURVE[kind][0][0], "hyperparameters": json.dumps(hyperparameters),
            "error": ERROR if status == "failed" else None,
            "diverged_at": 700 + seed if status == "diverged" else None, "iterations": iterations,
            "critic_updates": iterations, "generator_updates": iterations, "images": int(kimg * 1000),
            "pretraining_images": 0, "flop": 1_000_000 * iterations,
            "train_seconds": kimg * 1000 / speed / 64, "compile_seconds": None, "eval_seconds": 3.0,
            "iterations_per_second": speed,
            "images_per_second": speed * 64, "pack": trial, "pack_size": seeds, "device": "cpu",
            "machine": "a processor, 2 cores", "software": "torch 2", "title": f"{variant} in a line",
            "equation": "eq. <1>", "parts": "", "inherits": "{}", "varied": "{}", "origin": None,
            "lacks": None,
            "source": "class Game:\n    def loss(a, b):\n        return a < b\n",
            "critic_parameters": 1_234_567, "other_parameters": 456_789, "frozen_parameters": 0,
            "parameters": json.dumps({"critic": 1_234_567, "generator": 456_789}),
            "samples": path and str(path),
        })  # fmt: skip
        if status == "failed":
            continue
        ability = 1 + 0.15 * place + 0.1 * setting + rng.normal(0, 0.05)
        stop = points // 2 if status == "diverged" else points
        for share in np.arange(1, stop + 1) / points:
            step = int(iterations * share)
            where = {
                "kimg": kimg * share, "iteration": step, "generator_updates": step, "critic_updates": step,
                "flop": 1_000_000 * step,
                "seconds": share * trials[-1]["train_seconds"],
            }  # fmt: skip
            scores += _scores(shared | where, kind, ability, float(share), ema)
        steps = np.unique(np.linspace(1, iterations * stop / points, 300).astype(int))
        for name, level in (("critic", 1.2), ("generator", 0.8)):
            values = level + 0.3 * np.log1p(steps / 200) + rng.normal(0, 0.05, len(steps))
            columns = {
                "kimg": steps * kimg / iterations,
                "seconds": steps / speed,
                "name": name,
                "kind": "loss",
                "value": values,
            }
            history.append(pd.DataFrame({"trial": trial, "iteration": steps, **columns}))
    return Results(TRIALS.build(trials), SCORES.build(scores), pd.concat(history, ignore_index=True))


def _scores(shared: dict, kind: str, ability: float, share: float, ema: bool) -> list[dict]:
    """Rows of one point; at the last one also the final metrics and the primary's best."""
    rows = []
    primary = CURVE[kind][0][0]
    for metric, direction, scale in CURVE[kind] + (FINAL[kind] if share == 1 else []):
        for weights in ("raw", "ema") if ema else ("raw",):
            progress = share**-1.2 if direction == "min" else share**0.2 / ability**2
            value = scale * ability * (0.9 if weights == "ema" else 1) * progress
            row = shared | {
                "metric": metric,
                "value": value,
                "reason": None,
                "direction": direction,
                "version": 1,
                "target": None,
            }
            row |= {"split": "test", "when": "final" if share == 1 else "curve", "weights": weights}
            rows.append(row)
            if metric == primary:
                rows.append(row | {"split": "validation", "value": value * 1.01})
                if share == 1:
                    rows.append(row | {"when": "best", "value": value * 0.97})
    return rows


def abilities(kind: str, weights: str) -> dict[str, np.ndarray]:
    """Arrays of every kind of picture of an ability, as records keep them, for images or points."""
    rng = np.random.default_rng(7)
    shape = {"images": (1, 28, 28), "planar": (2,)}.get(kind)
    if shape is None:
        return {}

    def draw(*size: int) -> np.ndarray:
        if kind == "images":
            return rng.integers(0, 256, (*size, *shape)).astype(np.uint8)
        return rng.normal(0, 0.5, (*size, *shape)).astype(np.float16)

    given, label = draw(16), rng.integers(0, 12, 300).astype(np.uint8)
    code = "<b>code</b> & $x_1$" if weights == "final" else "code"
    kinds = {
        "classes": {"rows": draw(12, 10), "class": np.arange(12, dtype=np.uint8)},
        "traversal": {
            f"{code}.rows": draw(2, 3, 9), f"{code}.values": np.linspace(-1, 1, 9, dtype=np.float16),
            "category.rows": draw(1, 3, 12), "category.values": np.arange(12, dtype=np.uint8),
        },
        "codes": {"codes": rng.normal(size=(300, 5)), "label": label, "prior": rng.normal(size=(300, 5))},
        "clusters": {"cluster": label[::-1], "label": label}
        | ({"rows": draw(13, 10), "shown": np.minimum(np.arange(13), 10)} if kind == "images" else {})
        | ({"points": draw(300)} if kind == "planar" else {}),
        "confusion": {"counts": rng.integers(0, 1_000, (12, 12))},
    }  # fmt: skip
    kept = {f"{name}.{weights}.{part}": array for name, of in kinds.items() for part, array in of.items()}
    counts = rng.integers(0, 50, (12, 12))
    kept |= {f"by_class.{weights}.<i>.counts": counts, f"by_class.{weights}.<i>.pixels": counts}
    if kind == "images":
        for place, (height, width) in enumerate([(6, 9), (8, 8)]):
            start, large = f"enlarged.{weights}.<i>.{place}", (3, 4 * height, 4 * width)
            kept[f"{start}.given"] = rng.integers(0, 256, (3, height, width)).astype(np.uint8)
            kept |= {f"{start}.{n}": rng.integers(0, 256, large).astype(np.uint8) for n in ("made", "target")}
    kept |= {"reconstruct.given.real": given, f"reconstruct.{weights}": draw(16), "reconstruct.target": given}
    kept |= {"<i>.given.label": np.arange(4), "<i>.given.low": draw(4), "<i>.target": draw(4)}
    return kept | {f"<i>.{weights}": draw(4), f"<i>.{weights}.draws": draw(6, 4)}


def _samples(folder: Path, trial: str, kind: str, rng: np.random.Generator, ema: bool, able: bool) -> Path:
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
    path = folder / f"{trial}.npz"
    arrays = {"real": draw(0), "final": draw(1)} | ({"ema": draw(0.6)} if ema else {})
    few = 36 if kind == "images" else 500
    way = np.stack([draw(3 / (step + 1))[:few] for step in range(3)])
    arrays |= {
        "way": way if kind == "images" else way.astype(np.float16),
        "way_kimg": np.array([32.0, 64, 96]),
    }
    if able:
        arrays |= abilities(kind, "final") | (abilities(kind, "ema") if ema else {})
    np.savez(path, **arrays)
    return path


def board_of(
    results: Results, metrics: pd.DataFrame | None = None, references: pd.DataFrame | None = None
) -> Board:
    """Return the only board of results as plots take it, with reference rows where there are any."""
    frames = tidy(results.trials, results.scores, results.history, metrics)
    ((key, part),) = frames.boards()
    rows, apart = board_rows(frames), reference_rows(references)
    return Board(key, part, rows, looks(frames.variants), FileNames(), apart)
