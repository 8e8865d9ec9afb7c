"""Suites: TOML files with the variants, datasets, networks, budgets and seeds of a benchmark."""

from __future__ import annotations

import tomllib
from importlib import resources
from pathlib import Path
from typing import Annotated, Any, Literal

from pydantic import BaseModel, BeforeValidator, ConfigDict, Field, PrivateAttr, ValidationError

from gan_bench.bench.common.errors import UsageError, check_name, suggestion
from gan_bench.bench.common.files import read_text
from gan_bench.bench.planning.lines import line_of


def _read_number(value: Any) -> Any:
    """Return a number from text; refuse true and false, which are numbers in Python."""
    if isinstance(value, bool):
        raise ValueError("a number expected")
    if isinstance(value, str):
        from gan_bench.variants.hyperparameters import whole

        return whole(value)
    return value


def _as_seeds(value: Any) -> Any:
    number = value if isinstance(value, list) else _read_number(value)
    if not isinstance(number, int):
        return number
    if number > MOST_TRIALS:
        raise ValueError(f"at most {MOST_TRIALS:,} seeds expected")
    return list(range(number))


MOST_TRIALS = 1_000_000
"""Trials of a plan, and so seeds and settings of a search; see docs/scale.md."""
MOST_KIMG = 1e12
MOST_POINTS = 10_000
MOST_SAMPLES = 10_000_000
"""Limits of a budget, far above what can be trained or measured: a slip takes neither time nor memory."""
Whole = Annotated[int, BeforeValidator(_read_number)]
Real = Annotated[float, BeforeValidator(_read_number), Field(allow_inf_nan=False)]
Seed = Annotated[Whole, Field(ge=0, lt=2**63)]
Seeds = Annotated[list[Seed], BeforeValidator(_as_seeds), Field(min_length=1)]
"""A list of seeds; a number n in a suite file means 0 … n-1."""
PackSize = Literal["auto"] | Annotated[Whole, Field(ge=1)]
Compile = Literal["auto", "on", "off"]
All = Literal["all"]
ALL: All = "all"
"""Value of `variants` for every variant that fits the data and has the profile."""


class Strict(BaseModel):
    """A table of a suite file without unknown keys."""

    model_config = ConfigDict(extra="forbid", frozen=True)


class SearchSpec(Strict):
    """A search: the same number of settings for every variant, drawn from `space`.

    `random` draws are independent; scrambled `sobol` points fill the space evenly, best with 2^n settings.
    """

    settings: Annotated[Whole, Field(ge=1, le=MOST_TRIALS)]
    method: Literal["random", "sobol"] = "random"
    seed: Annotated[Whole, Field(ge=0)] = 0
    space: dict[str, Any]


class BudgetSpec(Strict):
    """One `--budget`: training budget and evaluation of each trial, and the part of the suite it uses."""

    kimg: Annotated[Real, Field(gt=0, le=MOST_KIMG)]
    points: Annotated[Whole, Field(ge=1, le=MOST_POINTS)] = 4
    samples: Annotated[Whole, Field(ge=10, le=MOST_SAMPLES)] = 10_000
    final_samples: Annotated[Whole, Field(ge=10, le=MOST_SAMPLES)] = 2_000
    datasets: Annotated[list[str], Field(min_length=1)] | None = None
    architectures: Annotated[list[str], Field(min_length=1)] | None = None
    seeds: Seeds | None = None
    search: SearchSpec | None = None
    """In place of the suite's."""
    pack: PackSize = "auto"
    compile: Compile = "auto"


Spread = Annotated[Real, Field(ge=0)]
Measured = Annotated[
    tuple[Real, Spread | None],
    BeforeValidator(lambda value: value if isinstance(value, list) else (value, None)),
]
"""A number with its deviation over seeds: in a suite file `[9.8, 0.9]`, or `9.8` where none is stated."""


class Published(Strict):
    """Numbers of one paper's table, for comparison with measured ones: `[[published]]` of a suite file."""

    source: str
    values: Annotated[dict[str, dict[str, dict[str, Measured]]], Field(min_length=1)]
    """Dataset -> metric -> variant -> number."""
    protocol: str = ""
    """The paper's protocol, and its differences from this suite."""
    name: str = ""
    """The paper's name of the metric, if it is another metric than the suite's."""
    architecture: str = ""
    """The architecture to compare with; default: each."""
    tolerance: Spread | None = None
    """Largest deviation that counts as agreement; default: two standard errors of seeds and paper."""
    incomparable: str = ""
    """Reason why the values are not comparable, or ""; the order of the variants is compared anyway."""


class Suite(Strict):
    """One suite file. With `include`, its trials are those of the named suites."""

    name: str = ""
    title: str
    include: list[str] = []
    datasets: list[str] = []
    variants: list[str] | All = ALL
    profile: str = "tuned"
    seeds: Seeds = Field(default=[0, 1, 2, 3, 4])
    dtype: Literal["float32", "float64", "tf32", "bfloat16"] = "float32"
    architectures: dict[str, dict[str, Any]] = {}
    hyperparameters: dict[str, Any] = {}
    axes: dict[str, Annotated[list[Any], Field(min_length=1)]] = {}
    search: SearchSpec | None = None
    budgets: dict[str, BudgetSpec] = {}
    published: list[Published] = []
    ranked_by: list[str] = []
    """Metrics by name that order the tables; later ones break ties. Default: those that rank the data."""
    metrics: list[str] = []
    """Metrics by name that are measured on request only, beside those that are always measured."""
    references: list[str] | None = None
    """Reference rows by name (see `bench.references`); default: those for the kind of data."""
    parts: list[Suite] = Field(default=[], exclude=True)
    """The suites with trials: this one, or those that it includes."""
    _file: Path | None = PrivateAttr(None)
    _text: str = PrivateAttr("")
    _given: dict[str, str] = PrivateAttr({})

    def given_by(self, options: dict[str, str]) -> Suite:
        """Return the suite with options of the command line as the places of these keys, for messages."""
        suite = self.model_copy()
        suite._given = {**self._given, **options}
        return suite

    def place(self, *keys: str) -> str:
        """Return the place of a key, for messages: an option, file and line, or suite and table."""
        if keys[0] in self._given:
            return self._given[keys[0]]
        if self._file is not None and (line := line_of(self._text, list(keys))):
            return f"{self._file}, line {line}"
        *tables, key = keys
        return f"suite {self.name}, [{'.'.join(tables)}] {key}" if tables else f"suite {self.name}, {key}"


def datasets_of(part: Suite, budget: str) -> list[str]:
    """Return the datasets that a suite with trials of its own uses with a budget; none without the budget."""
    spec = part.budgets.get(budget)
    return [] if spec is None else spec.datasets or part.datasets


HIDDEN = {"name", "parts"}
"""Fields of a suite that are not keys of its file."""
OF_INCLUDING = {"title", "include"}
"""Keys of a suite that includes others."""


def shipped() -> dict[str, Path]:
    """Return the shipped suites: name -> file."""
    folder = Path(str(resources.files("gan_bench.bench") / "suites"))
    return {path.stem: path for path in sorted(folder.glob("*.toml"))}


def load_suite(name: str) -> Suite:
    """Return a shipped suite by name, or a TOML file by path.

    Raises:
        UsageError: for an unknown name, a file that cannot be read, malformed TOML (with file and line),
            unknown keys (with the nearest valid one), invalid values, and keys beside an `include`.
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
    if path.resolve() in [one.resolve() for one in including]:
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
        included = [_load(_find(name, path.parent), (*including, path)) for name in suite.include]
        parts = [part for other in included for part in other.parts]
        for key in (key for key in content if key not in OF_INCLUDING):
            raise UsageError(
                f"{path}, line {line_of(text, [key])}: a suite with `include` is trained as the included "
                f"suites state, so its own `{key}` has no effect; remove it"
            )
    else:
        for key in ("datasets", "architectures", "budgets"):
            if not getattr(suite, key):
                raise UsageError(f"{path}: `{key}` is missing or empty")
    return suite.model_copy(update={"parts": parts})


def _explain(path: Path, text: str, error: ValidationError) -> str:
    errors = error.errors()
    # A key that is misspelt is missing, too.
    first = next((each for each in errors if each["type"] == "extra_forbidden"), errors[0])
    location = [str(part) for part in first["loc"]]
    line = line_of(text, location)
    place = f"{path}, line {line}" if line else str(path)
    name = ".".join(part for part in location if not part.startswith("constrained-") and "[" not in part)
    if first["type"] == "extra_forbidden":
        table = _table_at(location[:-1])
        known = [key for key in table.model_fields if table is not Suite or key not in HIDDEN]
        return f"{place}: unknown key `{name}`; {suggestion(location[-1], known)}"
    if first["type"] == "missing":
        return f"{place}: `{name}` is missing"
    problem = first["msg"].removeprefix("Value error, ")
    return f"{place}: `{name}` is {first['input']!r}: {problem[:1].lower()}{problem[1:]}"


def _table_at(location: list[str]) -> type[Strict]:
    """Return the table of a suite file at `location`, such as `("budgets", "quick", "search")`."""
    match location:
        case ["search"] | ["budgets", _, "search"]:
            return SearchSpec
        case ["budgets", _]:
            return BudgetSpec
        case ["published", _]:
            return Published
    return Suite
