"""Metrics in words: titles, units, what they say, and which way is better."""

from __future__ import annotations

import math
from collections.abc import Iterable
from typing import NamedTuple

from gan_bench.reports.labels import clean, number


class Metric(NamedTuple):
    """A family of metrics: its title, its unit, and what it says to readers who know GANs."""

    title: str
    unit: str
    meaning: str


#: Family name -> its words. An extractor's name follows the family's after an underscore: `fid_lenet28`.
METRICS: dict[str, Metric] = {
    "fid": Metric(
        "FID", "", "Fréchet distance between Gaussians fitted to features of real and of generated images."
    ),
    "fid_train": Metric(
        "FID to training images",
        "",
        "FID against the training split (10,000 images of a larger one); clearly below the FID against the "
        "test split where a generator has memorised its training images.",
    ),
    "kid": Metric("KID", "", "Squared maximum mean discrepancy of features of real and of generated images."),
    "is": Metric(
        "Inception score",
        "",
        "High where single images are named with certainty and all classes occur; knows no real data.",
    ),
    "precision": Metric(
        "Precision",
        "fraction of generated",
        "Share of generated images that lie near real ones in the extractor's features.",
    ),
    "recall": Metric(
        "Recall",
        "fraction of real",
        "Share of real images that lie near generated ones in the extractor's features.",
    ),
    "density": Metric(
        "Density",
        "",
        "How many real images are near a generated one, as a ratio to what real data would give.",
    ),
    "coverage": Metric(
        "Coverage", "fraction of real", "Share of real images with a generated one among their neighbours."
    ),
    "degenerate": Metric(
        "Degenerate images",
        "fraction of generated",
        "Share of generated images whose pixels show noise or nothing, beside the real images'; "
        "1 where all are the same image.",
    ),
    "mean": Metric("Sample mean", "data units", "Mean of the samples, to be compared with the data's."),
    "std": Metric(
        "Sample standard deviation",
        "data units",
        "Standard deviation of the samples, to be compared with the data's.",
    ),
    "mean_error": Metric(
        "Error of the mean", "data units", "Distance between the samples' mean and the true one."
    ),
    "std_error": Metric(
        "Error of the standard deviation",
        "data units",
        "Distance between the samples' standard deviations and the true ones.",
    ),
    "w1": Metric(
        "Wasserstein-1 distance",
        "data units",
        "Area between the samples' distribution function and the true one: how far mass must move.",
    ),
    "ks": Metric(
        "Kolmogorov-Smirnov distance",
        "",
        "Largest difference between the samples' distribution function and the true one.",
    ),
    "sliced_wasserstein": Metric(
        "Sliced Wasserstein distance", "data units", "How far mass must move, averaged over directions."
    ),
    "curve_distance": Metric(
        "Mean distance to the curve", "data units", "How far samples lie from the curve that the data lie on."
    ),
    "modes": Metric("Modes captured", "count", "Modes of the data with at least one high-quality sample."),
    "high_quality": Metric(
        "High-quality samples",
        "fraction",
        "Share of samples within a few standard deviations of their nearest mode.",
    ),
    "off_mode": Metric("Off-mode mass", "fraction", "Share of samples that are near no mode."),
    "reverse_kl": Metric(
        "Reverse KL of the mode histogram",
        "nats",
        "How far the shares of high-quality samples at the modes are from the data's; 0 is equal.",
    ),
    "class_kl": Metric(
        "KL of the class histogram",
        "nats",
        "How the histogram of predicted classes differs from the real data's; 0 is equal.",
    ),
    "class_entropy": Metric(
        "Entropy of the class histogram", "nats", "Entropy of the histogram of predicted classes."
    ),
    "class_distance": Metric(
        "Distance of the class histogram",
        "",
        "Half the sum of differences between the histograms of predicted classes.",
    ),
    "class_modes": Metric("Modes captured, by class", "count", "Classes that a generated image is named as."),
    "class_mode_kl": Metric(
        "KL over modes, by class",
        "nats",
        "How far the classes' shares of the images are from those of the modes; 0 is equal.",
    ),
    "eigenvalue_real": Metric(
        "Eigenvalue, real part",
        "1 / time",
        "Below 0, training spirals into the equilibrium; the more so, the faster.",
    ),
    "eigenvalue_imag": Metric(
        "Eigenvalue, imaginary part", "1 / time", "How fast training circles around the equilibrium."
    ),
    "converges": Metric("Converges", "1: yes, 0: no", "Whether training came nearer to the equilibrium."),
    "label_accuracy": Metric(
        "Label accuracy", "fraction", "Share of samples that are of the class that was asked for."
    ),
    "reconstruction_error": Metric(
        "Reconstruction error",
        "units of training",
        "Distance between held-out data and what encoding and decoding make of them.",
    ),
    "mapping_error": Metric(
        "Error of the map",
        "data units",
        "Distance between where points were taken and where the known map takes them.",
    ),
    "classes": Metric(
        "Classes captured", "count", "Classes that at least one generated image is given with certainty."
    ),
}

BETTER = {"min": "lower is better", "max": "higher is better", "target": "nearer to the target is better"}
ARROWS = {"min": "↓", "max": "↑"}


def pointer(direction: str, target: float) -> str:
    """Which way is better, for a heading: an arrow, or `→ 4` where a target is to be met."""
    if direction == "target":
        return f"→ {number(target)}" if math.isfinite(target) else "→ the data's own"
    return ARROWS.get(direction, "")


def metric_title(metric: str) -> str:
    """`fid_lenet28` -> `FID (lenet28)`; a name that is not known here is shown as it is."""
    name, _, version = metric.partition(" ")  # `fid_lenet28 v2` where versions are mixed
    family = family_of(metric)
    if family is None:
        return clean(metric)
    extractor = f" ({clean(name[len(family) + 1 :])})" if name != family else ""
    return METRICS[family].title + extractor + (f" {version}" if version else "")


def family_of(metric: str) -> str | None:
    """The known family that a metric belongs to: `fid` for `fid_lenet28 v2`."""
    name = metric.partition(" ")[0]
    long_first = sorted(METRICS, key=len, reverse=True)
    return next((family for family in long_first if name == family or name.startswith(f"{family}_")), None)


def metric_unit(metric: str) -> str:
    """Unit of a metric's values, empty for a pure number."""
    family = family_of(metric)
    return "" if family is None else METRICS[family].unit


def metric_axis(metric: str, direction: str | None, longest: int = 36) -> str:
    """Axis label: title, unit and which way is better; in two lines where one would pass `longest`."""
    details = ", ".join(part for part in (metric_unit(metric), BETTER.get(direction or "", "")) if part)
    title = clean(metric_title(metric), 48)
    space = "\n" if len(title) + len(details) > longest else " "
    return title + (f"{space}[{details}]" if details else "")


def meanings(metrics: Iterable[str]) -> dict[str, str]:
    """Title -> what it says, of those metrics that are known here."""
    return {
        metric_title(metric).partition(" v")[0]: METRICS[family].meaning
        for metric in metrics
        if (family := family_of(metric)) is not None
    }
