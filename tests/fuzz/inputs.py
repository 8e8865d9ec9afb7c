"""Generated inputs: expressions, command lines and suites, most of them wrong somewhere."""

from __future__ import annotations

import copy
import json
import tomllib
from collections.abc import Mapping
from typing import Any

from hypothesis import strategies as st

from gan_bench.bench.planning.suite import shipped
from gan_bench.datasets.registry import names as dataset_names
from gan_bench.variants.lookup import names as variant_names
from gan_bench.variants.parts import PARTS

HUGE = (
    "9" * 400,
    "9" * 4000,
    "1e400",
    "-1",
    "0",
    "1_0",
    "0x10",
    "18446744073709551616",
    "nan",
    "inf",
    "1e308",
    "1e30",
    "1000000000000",
)
ODD = (
    "",
    " ",
    "\x1b[31mred",
    "\x00",
    "a" * 300,
    "../../etc",
    "/dev/null",
    "=1+1",
    "é模",
    "[bold]",
    "\n",
    "{}",
    "--",
)
NAMES = st.sampled_from(variant_names())
WORDS = st.sampled_from([*variant_names(), *PARTS, *dataset_names(), "lr", "n_critic", "std", *ODD])


def numbers() -> st.SearchStrategy[str]:
    """Return texts of numbers: usual, extreme and malformed."""
    usual = st.integers(-3, 300).map(str) | st.floats(0, 10).map(repr)
    return usual | st.sampled_from(HUGE)


def expressions() -> st.SearchStrategy[str]:
    """Return texts in, near and far from the grammar of compositions: `base(objective=x)+part(n=1)`."""
    value = numbers() | WORDS
    argument = st.tuples(WORDS, value).map("=".join) | value
    arguments = st.lists(argument, max_size=3).map(lambda given: f"({', '.join(given)})" if given else "")
    use = st.tuples(st.sampled_from([*PARTS]) | WORDS, arguments).map("".join)
    whole = st.tuples(NAMES | WORDS, arguments, st.lists(use, max_size=4)).map(
        lambda made: "+".join([made[0] + made[1], *made[2]])
    )
    deep = st.integers(1, 3000).map(lambda n: "nsgan" + "(" * n + ")" * n) | st.integers(1, 800).map(
        lambda n: "nsgan" + "+pac(2)" * n
    )
    marks = st.text("+()=,. nsganr1gamma0123456789", max_size=40)
    return whole | whole.flatmap(broken) | deep | marks


def broken(text: str) -> st.SearchStrategy[str]:
    """Return a text with one character removed, doubled or replaced."""
    at = st.integers(0, max(0, len(text) - 1))
    change = st.sampled_from(["", "(", ")", "+", "=", ",", "\x1b", "٣", " "])
    return st.tuples(at, change).map(lambda made: text[: made[0]] + made[1] + text[made[0] + 1 :])


def values() -> st.SearchStrategy[Any]:
    """Return values of every type that a TOML file can hold, and of extreme sizes."""
    scalars = (
        st.none() | st.booleans() | st.integers(-(2**70), 2**70) | st.floats() | WORDS | numbers()
    ).filter(lambda value: value is not None)
    return st.recursive(
        scalars,
        lambda inner: st.lists(inner, max_size=3) | st.dictionaries(WORDS, inner, max_size=3),
        max_leaves=5,
    )


def suites() -> st.SearchStrategy[dict[str, Any]]:
    """Return the content of shipped suites with one to three places changed, removed or added."""
    contents = {name: tomllib.loads(path.read_text("utf-8")) for name, path in shipped().items()}
    return st.sampled_from(sorted(contents)).flatmap(lambda name: _changed(contents[name]))


def _changed(content: dict[str, Any]) -> st.SearchStrategy[dict[str, Any]]:
    places = _places(content)
    change = st.tuples(
        st.sampled_from(places), st.sampled_from(["set", "remove", "add", "rename"]), values(), WORDS
    )

    def apply(changes: list[tuple[tuple, str, Any, str]]) -> dict[str, Any]:
        made = copy.deepcopy(content)
        for place, kind, value, word in changes:
            _apply(made, place, kind, value, word)
        return made

    return st.lists(change, min_size=1, max_size=3).map(apply)


def mutated(content: Any, number: int, kind: str, value: Any, word: str) -> None:
    """Change one place of a nested table: that of this number, counted round and round."""
    if places := _places(content):
        _apply(content, places[number % len(places)], kind, value, word)


def _places(content: Any, place: tuple = ()) -> list[tuple]:
    found = [place] if place else []
    items = (
        content.items()
        if isinstance(content, dict)
        else enumerate(content)
        if isinstance(content, list)
        else ()
    )
    for key, value in items:
        found += _places(value, (*place, key))
    return found


def _apply(content: Any, place: tuple, kind: str, value: Any, word: str) -> None:
    try:
        for key in place[:-1]:
            content = content[key]
        content[place[-1]]
    except (KeyError, IndexError, TypeError):
        return  # an earlier change has removed the place
    if kind == "remove" and isinstance(content, dict | list):
        del content[place[-1]]
    elif kind == "add" and isinstance(content, dict):
        content[word] = value
    elif kind == "rename" and isinstance(content, dict):
        content[word] = content.pop(place[-1])
    elif isinstance(content, dict | list):
        content[place[-1]] = value


def command_lines() -> st.SearchStrategy[list[str]]:
    """Return command lines that do not train: `run --dry-run`, and the commands that only read."""
    text = WORDS | numbers() | expressions()
    run = {
        "--budget": st.sampled_from(["smoke", "quick", "gate", "full"]) | text,
        "--variants": st.lists(expressions() | NAMES, min_size=1, max_size=3).map(",".join),
        "--seeds": st.sampled_from(["1", "0-3", "0,1", "3-1", "0-99999999999", "1e9"]) | numbers() | text,
        "--profile": st.sampled_from(["tuned", "paper", "default"]) | text,
        "--dataset": text,
        "--architecture": st.sampled_from(["mlp", "mlp, hidden=[8]", "conv"]) | text,
        "--kimg": numbers(),
        "--set": st.tuples(WORDS, values().map(str)).map("=".join) | text,
        "--jobs": numbers(),
        "--pack": st.just("auto") | numbers() | text,
        "--compile": st.sampled_from(["on", "off", "auto"]) | text,
        "--dtype": st.sampled_from(["float32", "float64", "bfloat16"]) | text,
        "--device": st.sampled_from(["cpu", "auto", "cuda", "cuda:99"]) | text,
        "--equal": st.sampled_from(["kimg", "seconds", "flop"]) | text,
        "--plugin": text,
        "--data-dir": text,
        "--inception": text,
    }
    suite = st.sampled_from(["ring", "gaussian1d", "digits", "quadratic"]) | WORDS
    planned = st.tuples(suite, options(run)).map(
        lambda made: ["run", "--suite", made[0], "--dry-run", *made[1]]
    )
    shown = st.tuples(
        expressions(),
        options(
            {"--dataset": text, "--architecture": text, "--suite": text, "--set": text, "--profile": text}
        ),
    ).map(lambda made: ["show", made[0], *made[1]])
    read = st.tuples(st.sampled_from(["report", "verify", "clean", "sample"]), text).map(list)
    pairs = st.tuples(
        st.just("compare"), text, text, options({"--fail-on": text, "--metric": text, "--tolerance": text})
    ).map(lambda made: [*made[:3], *made[3]])
    others = st.lists(text, max_size=4)
    return planned | shown | read | pairs | others


def options(known: dict[str, st.SearchStrategy[str]]) -> st.SearchStrategy[list[str]]:
    """Return up to four options with their values."""
    one = st.sampled_from(sorted(known)).flatmap(lambda name: known[name].map(lambda value: [name, value]))
    return st.lists(one, max_size=4).map(lambda found: [word for pair in found for word in pair])


def toml(content: Mapping[str, Any]) -> str:
    """Return the text of a TOML file; every table is written inline."""
    return "".join(f"{_toml(key)} = {_toml(value)}\n" for key, value in content.items())


def _toml(value: Any) -> str:
    match value:
        case bool():
            return "true" if value else "false"
        case int() | float():
            return repr(value)
        case str():
            return json.dumps(value, ensure_ascii=True)
        case Mapping():
            return "{" + ", ".join(f"{_toml(str(key))} = {_toml(item)}" for key, item in value.items()) + "}"
    return "[" + ", ".join(map(_toml, value)) + "]"
