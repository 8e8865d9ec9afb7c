"""Suites: TOML files that say what to train, on what, how long, and what it is called."""

from __future__ import annotations

import re
import tomllib
from importlib import resources
from pathlib import Path
from typing import Annotated, Any, Literal

from pydantic import BaseModel, BeforeValidator, ConfigDict, Field, PrivateAttr, ValidationError

from gan_bench.bench.common.errors import UsageError, check_name, suggestion
from gan_bench.bench.common.files import read_text


def _read_number(value: Any) -> Any:
    """Return a number that is written as text; refuse true and false, which Python counts as 1 and 0."""
    if isinstance(value, bool):
        raise ValueError("a number expected")
    if isinstance(value, str):
        from gan_bench.variants.hyperparameters import whole

        return whole(value)
    return value


def _as_seeds(value: Any) -> Any:
    number = value if isinstance(value, list) else _read_number(value)
    return list(range(number)) if isinstance(number, int) else number


Whole = Annotated[int, BeforeValidator(_read_number)]
Real = Annotated[float, BeforeValidator(_read_number), Field(allow_inf_nan=False)]
Seed = Annotated[Whole, Field(ge=0, lt=2**63)]
Seeds = Annotated[list[Seed], BeforeValidator(_as_seeds), Field(min_length=1)]
"""A list of seeds; in a suite file a number n stands for 0 … n-1."""
PackSize = Literal["auto"] | Annotated[Whole, Field(ge=1)]
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

    settings: Annotated[Whole, Field(ge=1)]
    method: Literal["random", "sobol"] = "random"
    seed: Annotated[Whole, Field(ge=0)] = 0
    space: dict[str, Any]


class BudgetSpec(Strict):
    """How much each trial may consume under one `--budget`, and what that budget leaves out."""

    kimg: Annotated[Real, Field(gt=0)]
    points: Annotated[Whole, Field(ge=1)] = 4
    samples: Annotated[Whole, Field(ge=10)] = 10_000
    final_samples: Annotated[Whole, Field(ge=10)] = 2_000
    datasets: list[str] | None = None
    architectures: list[str] | None = None
    seeds: Seeds | None = None
    search: SearchSpec | None = None
    """In place of the suite's."""
    pack: PackSize = "auto"
    compile: Compile = "auto"


Spread = Annotated[Real, Field(ge=0)]
Measured = Annotated[
    tuple[Real, Spread | None],
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
    references: list[str] | None = None
    """Reference rows by name (see `bench.references`); default: those meant for the kind of data."""
    parts: list[Suite] = Field(default=[], exclude=True)
    """The suites that hold trials: this one, or those it includes."""
    _file: Path | None = PrivateAttr(None)
    _text: str = PrivateAttr("")

    def place(self, *keys: str) -> str:
        """Return where a key is written: file and line, or the suite and the table."""
        if self._file is not None and (line := line_of(self._text, list(keys))):
            return f"{self._file}, line {line}"
        *tables, key = keys
        return f"suite {self.name}, [{'.'.join(tables)}] {key}" if tables else f"suite {self.name}, {key}"


HIDDEN = {"name", "parts"}
"""Fields of a suite that its file does not set."""
_KEY = r"""(?:"[^"]*"|'[^']*'|[\w-]+)"""
_KEYS = rf"{_KEY}(?:\s*\.\s*{_KEY})*"


def shipped() -> dict[str, Path]:
    """The suites that come with the harness: name -> file."""
    folder = Path(str(resources.files("gan_bench.bench") / "suites"))
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
        text = read_text(path, "a suite")
        content = tomllib.loads(text)
        for key in HIDDEN & content.keys():
            known = [name for name in Suite.model_fields if name not in HIDDEN]
            check_name("key", key, known, f"{path}, line {line_of(text, [key])}")
        suite = Suite.model_validate({**content, "name": path.stem})
    except tomllib.TOMLDecodeError as error:
        end = f"at line {len(text.splitlines())}, the end of the file"
        problem = str(error).replace("at end of document", end)
        raise UsageError(f"{path}: malformed TOML: {problem}") from None
    except ValidationError as error:
        raise UsageError(_explain(path, text, error)) from None
    suite._file, suite._text = path, text
    parts = [suite]
    if suite.include:
        found = [_load(_find(name, path.parent), (*including, path)) for name in suite.include]
        parts = [leaf for part in found for leaf in part.parts]
        if suite.datasets or suite.budgets or suite.references is not None:
            raise UsageError(
                f"{path}: a suite with `include` takes its datasets, budgets and references from the "
                "included ones"
            )
    else:
        for key in ("datasets", "architectures", "budgets"):
            if not getattr(suite, key):
                raise UsageError(f"{path}: `{key}` is missing or empty")
    return suite.model_copy(update={"parts": parts})


def _explain(path: Path, text: str, error: ValidationError) -> str:
    first = error.errors()[0]
    location = [str(part) for part in first["loc"]]
    line = line_of(text, location)
    place = f"{path}, line {line}" if line else str(path)
    name = ".".join(part for part in location if not part.startswith("constrained-") and "[" not in part)
    if first["type"] == "extra_forbidden":
        tables: dict[str, type[Strict]] = {
            "budgets": BudgetSpec,
            "search": SearchSpec,
            "published": Published,
        }
        table = tables.get(location[0], Suite)
        known = [key for key in table.model_fields if table is not Suite or key not in HIDDEN]
        return f"{place}: unknown key `{name}`; {suggestion(location[-1], known)}"
    if first["type"] == "missing":
        return f"{place}: `{name}` is missing"
    problem = first["msg"].removeprefix("Value error, ")
    return f"{place}: `{name}` is {first['input']!r}: {problem[:1].lower()}{problem[1:]}"


def line_of(text: str, location: list[str]) -> int | None:
    """The line on which the key at `location` is set, or the nearest table above it."""
    table: list[str] = []
    best, best_depth = None, 0
    for number, line in enumerate(text.splitlines(), 1):
        if header := re.match(rf"\s*\[\[?\s*({_KEYS})\s*\]", line):
            table = path = _split(header[1])
        elif key := re.match(rf"\s*({_KEYS})\s*=", line):
            path = table + _split(key[1])
        else:
            continue
        if path == location[: len(path)] and len(path) > best_depth:
            best, best_depth = number, len(path)
    return best


def _split(keys: str) -> list[str]:
    """Return the parts of a dotted key, which may be quoted: `search.space."nsgan+r1(gamma=0.3)"`."""
    return [part.strip("\"'") for part in re.findall(_KEY, keys)]
