"""One trial: one training run of one variant, on one dataset, with one seed."""

from __future__ import annotations

import dataclasses
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cached_property
from typing import Any, Literal

from gan_bench.bench.common import keys
from gan_bench.reports.variation import written

LABELS = frozenset(
    {"suite", "budget", "dataset", "kind", "paper", "year", "profile", "varied", "architecture"}
)
MEASURING = frozenset({"samples", "final_samples", "ranked_by", "metrics"})
LENGTH = frozenset({"kimg", "points"})
Measuring = tuple[int, int, tuple[str, ...], tuple[str, ...]]
"""Sample counts along training and at the end, the metrics that rank, and those on request."""


@dataclass(frozen=True)
class Trial:
    """A setting of a suite and a seed. Labels, and how it is evaluated, are not part of the key."""

    suite: str
    budget: str
    dataset: str
    """The requested dataset, of own files with their place; `data_name` names the one in use."""
    data_name: str
    stand_in_for: str | None
    content_hash: str
    kind: str
    variant: str
    paper: str
    year: int
    profile: str
    """Label: the profile and the changes by `--set`, as in `tuned, lr=0.001`."""
    architecture: str
    """Label: the suite's name of `network`."""
    network: Mapping[str, Any]
    """The network family with every option."""
    hyperparameters: Mapping[str, Any]
    """Every hyperparameter of the variant, except implied ones at their default."""
    seed: int
    kimg: float
    points: tuple[float, ...]
    """Evaluation points in kimg, ascending; the last is `kimg`."""
    dtype: Literal["float32", "float64", "tf32", "bfloat16"]
    samples: int
    final_samples: int
    versions: Mapping[str, int]
    """Numerics versions of the variant, the networks and the engine."""
    varied: Mapping[str, Any] = dataclasses.field(default_factory=dict)
    """Label: the hyperparameters that the suite varies, by axes or by search, with their values."""
    ranked_by: tuple[str, ...] = ()
    """Names of the metrics that rank; none: those that rank such data."""
    metrics: tuple[str, ...] = ()
    """Names of metrics that are measured on request."""

    @cached_property
    def key(self) -> str:
        """Training key: a hash of everything that the trained weights depend on."""
        spec = self.spec()
        return keys.training_key({name: spec[name] for name in spec.keys() - LABELS - MEASURING})

    def __hash__(self) -> int:
        return hash(self.key)

    @property
    def data_source(self) -> str:
        """Return the name by which the data in use are loaded: own files have a place beside their name."""
        return self.data_name if self.stand_in_for else self.dataset

    @property
    def measuring(self) -> Measuring:
        """Return how it is evaluated."""
        return self.samples, self.final_samples, self.ranked_by, self.metrics

    @property
    def cell(self) -> str:
        """Hash of everything in the key except the seed; the seeds of one line of a table share it."""
        spec = self.spec()
        return keys.digest({name: spec[name] for name in spec.keys() - LABELS - MEASURING - {"seed"}})

    @cached_property
    def course(self) -> str:
        """Hash of everything in the key except the length: a longer training may continue a shorter one."""
        spec = self.spec()
        return keys.digest({name: spec[name] for name in spec.keys() - LABELS - MEASURING - LENGTH})

    @property
    def title(self) -> str:
        """Short text for one line of the terminal."""
        settings = ", ".join(filter(None, [self.profile, written(self.varied)]))
        return f"{self.data_name} · {self.architecture} · {self.variant} · {settings} · seed {self.seed}"

    def spec(self) -> dict[str, Any]:
        """Return every field as JSON values."""
        spec = {field.name: getattr(self, field.name) for field in dataclasses.fields(self)}
        return {**spec, **{name: list(spec[name]) for name in ("points", "ranked_by", "metrics")}}

    @classmethod
    def from_spec(cls, spec: Mapping[str, Any]) -> Trial:
        """Return the trial of `spec()`; raise TypeError for unknown fields."""
        listed = {name: tuple(spec.get(name, ())) for name in ("points", "ranked_by", "metrics")}
        return cls(**{**spec, **listed})
