"""Checks of one file: what it registers, and which promises that keeps."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from pathlib import Path

from gan_bench.bench.checking import datasets, families, others, variants  # noqa: F401 - register the checks
from gan_bench.bench.checking.checks import Outcome, checked
from gan_bench.bench.common.errors import UsageError
from gan_bench.bench.common.plugins import load_plugins
from gan_bench.bench.metrics.extractors.registry import EXTRACTORS
from gan_bench.bench.metrics.registry import METRICS
from gan_bench.bench.references.registry import REFERENCES
from gan_bench.datasets.registry import DATASETS
from gan_bench.names import Registry
from gan_bench.variants.entries import VARIANTS
from gan_bench.variants.networks.registry import FAMILIES

REGISTRIES: dict[str, Registry] = {
    "dataset": DATASETS,
    "variant": VARIANTS,
    "network family": FAMILIES,
    "metric": METRICS,
}
"""Kinds of entries that have checks, with their registers."""
UNCHECKED: dict[str, Registry] = {"feature extractor": EXTRACTORS, "reference row": REFERENCES}
"""Kinds of entries that are only loaded."""


def check_file(
    file: Path, plugins: Iterable[Path] = (), step: Callable[[str], None] = lambda _: None
) -> list[Outcome]:
    """Return the outcome of every check of what a file registers, or of a suite.

    Args:
        file: a plug-in (.py) or a suite (.toml).
        plugins: other plug-ins that it needs.
        step: called with the kind and name that is checked next.

    Raises:
        UsageError: for a file that cannot be loaded, or registers nothing.
    """
    load_plugins(plugins)
    if file.suffix == ".toml":
        step(f"suite {file}")
        return checked("suite", str(file))
    every = REGISTRIES | UNCHECKED
    before = {kind: {*registry} for kind, registry in every.items()}
    load_plugins([file])
    new = {kind: [name for name in registry if name not in before[kind]] for kind, registry in every.items()}
    if not any(new.values()):
        raise UsageError(f"{file} registers nothing; expected one of {', '.join(every)}")
    return list(_outcomes(new, step))


def _outcomes(new: dict[str, list[str]], step: Callable[[str], None]) -> Iterator[Outcome]:
    for kind, names in new.items():
        for name in names:
            step(f"{kind} {name}")
            yield from checked(kind, name) if kind in REGISTRIES else [Outcome(kind, name, "it loads", "")]
