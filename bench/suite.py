"""Suites: TOML files that say what to train, on what, how long, and what it is called."""

from __future__ import annotations

import re
import tomllib
from importlib import resources
from pathlib import Path
from typing import Annotated, Any, Literal

from pydantic import BaseModel, BeforeValidator, ConfigDict, Field, ValidationError

from bench.errors import UsageError, suggestion


def _as_seeds(value: Any) -> Any:
    return list(range(value)) if isinstance(value, int) and not isinstance(value, bool) else value


Seed = Annotated[int, Field(ge=0, lt=2**63)]
Seeds = Annotated[list[Seed], BeforeValidator(_as_seeds), Field(min_length=1)]
"""A list of seeds; in a suite file a number n stands for 0 … n-1."""
PackSize = Literal["auto"] | Annotated[int, Field(ge=1)]
Compile = Literal["auto", "on", "off"]
All = Literal["all"]
ALL: All = "all"
"""Every variant that the data and the profile have, in place of names."""


class Strict(BaseModel):
    """A table of a suite file: unknown keys are refused."""

    model_config = ConfigDict(extra="forbid", frozen=True)


class SearchSpec(Strict):
    """A search: the same number of settings for every variant, from `space`.

    `random` draws are independent; scrambled `sobol` points fill the space evenly (2^n best).
    """

    settings: Annotated[int, Field(ge=1)]
    method: Literal["random", "sobol"] = "random"
    seed: Annotated[int, Field(ge=0)] = 0
    space: dict[str, Any]


class BudgetSpec(Strict):
    """How much each trial may consume under one `--budget`, and what that budget leaves out."""

    kimg: Annotated[float, Field(gt=0, allow_inf_nan=False)]
    points: Annotated[int, Field(ge=1)] = 4
    samples: Annotated[int, Field(ge=10)] = 10_000
    final_samples: Annotated[int, Field(ge=10)] = 2_000
    datasets: list[str] | None = None
    architectures: list[str] | None = None
    seeds: Seeds | None = None
    search: SearchSpec | None = None
    """In place of the suite's."""
    pack: PackSize = "auto"
    compile: Compile = "auto"


Number = Annotated[float, Field(allow_inf_nan=False)]
Spread = Annotated[float, Field(ge=0, allow_inf_nan=False)]
Measured = Annotated[
    tuple[Number, Spread | None],
    BeforeValidator(lambda given: given if isinstance(given, list) else (given, None)),
]
"""A number with its deviation over seeds: in a suite file `[9.8, 0.9]`, or `9.8` where none is stated."""


class Published(Strict):
    """Numbers of one paper's table, to be set beside what is measured: `[[published]]` of a suite file."""

    source: str
    values: Annotated[dict[str, dict[str, dict[str, Measured]]], Field(min_length=1)]
    """Dataset -> metric -> variant -> number."""
    protocol: str = ""
    """How the paper got them, and where this suite differs."""
    name: str = ""
    """What the paper calls the metric, where that is another one than the suite's."""
    architecture: str = ""
    """The one they are compared with; default: each."""
    tolerance: Spread | None = None
    """Largest deviation that agrees; default: two standard errors of what the seeds and the paper spread."""
    incomparable: str = ""
    """Why the values cannot be compared, where they cannot (the order of the variants still can)."""


class Suite(Strict):
    """One suite file. `include` names other suites, whose trials are then this suite's trials."""

    name: str = ""
    title: str
    include: list[str] = []
    datasets: list[str] = []
    variants: list[str] | All = ALL
    profile: str = "tuned"
    seeds: Seeds = Field(default=[0, 1, 2, 3, 4])
    dtype: Literal["float32", "float64", "bfloat16"] = "float32"
    architectures: dict[str, dict[str, Any]] = {}
    hyperparameters: dict[str, Any] = {}
    axes: dict[str, Annotated[list[Any], Field(min_length=1)]] = {}
    search: SearchSpec | None = None
    budgets: dict[str, BudgetSpec] = {}
    published: list[Published] = []
    parts: list[Suite] = Field(default=[], exclude=True)
    """The suites that hold trials: this one, or those it includes."""


def shipped() -> dict[str, Path]:
    """The suites that come with the harness: name -> file."""
    folder = Path(str(resources.files("bench") / "suites"))
    return {path.stem: path for path in sorted(folder.glob("*.toml"))}


def load_suite(name: str) -> Suite:
    """A shipped suite by name, or a TOML file by path.

    Raises UsageError for an unknown name, a file that cannot be read, malformed TOML (with file and line),
    unknown keys (with the nearest valid one) and impossible values.
    """
    return _load(_find(name, None), ())


def _find(name: str, beside: Path | None) -> Path:
    if name in (known := shipped()):
        return known[name]
    path = (beside / name) if beside else Path(name)
    if name.endswith(".toml") or "/" in name:
        if not path.is_file():
            raise UsageError(f"suite file {path} does not exist")
        return path
    raise UsageError(f"unknown suite {name!r}; {suggestion(name, known)} (or give the path of a .toml file)")


def _load(path: Path, including: tuple[Path, ...]) -> Suite:
    if path in including:
        raise UsageError(f"{path}: includes itself through {' -> '.join(p.name for p in including)}")
    try:
        text = path.read_text("utf-8")
        suite = Suite.model_validate({**tomllib.loads(text), "name": path.stem})
    except (OSError, UnicodeDecodeError) as error:
        raise UsageError(f"{path}: cannot be read as a suite: {error}") from None
    except tomllib.TOMLDecodeError as error:
        end = f"at line {len(text.splitlines())}, the end of the file"
        problem = str(error).replace("at end of document", end)
        raise UsageError(f"{path}: malformed TOML: {problem}") from None
    except ValidationError as error:
        raise UsageError(_explain(path, text, error)) from None
    parts = [suite]
    if suite.include:
        found = [_load(_find(name, path.parent), (*including, path)) for name in suite.include]
        parts = [leaf for part in found for leaf in part.parts]
        if suite.datasets or suite.budgets:
            raise UsageError(
                f"{path}: a suite with `include` takes its datasets and budgets from the included ones"
            )
    else:
        for key in ("datasets", "architectures", "budgets"):
            if not getattr(suite, key):
                raise UsageError(f"{path}: `{key}` is missing or empty")
    return suite.model_copy(update={"parts": parts})


def _explain(path: Path, text: str, error: ValidationError) -> str:
    first = error.errors()[0]
    location = [str(part) for part in first["loc"]]
    line = _line_of(text, location)
    place = f"{path}, line {line}" if line else str(path)
    name = ".".join(part for part in location if not part.startswith("constrained-") and "[" not in part)
    if first["type"] == "extra_forbidden":
        tables: dict[str, type[Strict]] = {
            "budgets": BudgetSpec,
            "search": SearchSpec,
            "published": Published,
        }
        table = tables.get(location[0], Suite)
        hidden = ("name", "parts") if table is Suite else ()
        known = [key for key in table.model_fields if key not in hidden]
        return f"{place}: unknown key `{name}`; {suggestion(location[-1], known)}"
    if first["type"] == "missing":
        return f"{place}: `{name}` is missing"
    return f"{place}: `{name}` is {first['input']!r}: {first['msg'][:1].lower()}{first['msg'][1:]}"


def _line_of(text: str, location: list[str]) -> int | None:
    """The line on which the key at `location` is set, or the nearest table above it."""
    table: list[str] = []
    best, best_depth = None, 0
    for number, line in enumerate(text.splitlines(), 1):
        if header := re.match(r"\s*\[\[?\s*([^\]]+?)\s*\]", line):
            table = [part.strip(" \"'") for part in header[1].split(".")]
            path = table
        elif key := re.match(r"\s*([\w.\"'-]+)\s*=", line):
            path = table + [part.strip(" \"'") for part in key[1].split(".")]
        else:
            continue
        if path == location[: len(path)] and len(path) > best_depth:
            best, best_depth = number, len(path)
    return best
