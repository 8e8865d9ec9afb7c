"""The page of `show` for a terminal: tables of what a variant is made of."""

from __future__ import annotations

from collections.abc import Callable

from rich.console import Group, RenderableType
from rich.padding import Padding
from rich.text import Text

from gan_bench.bench.show import playing
from gan_bench.bench.show.playing import Shown
from gan_bench.bench.show.tables import NOTHING, pairs, table, words
from gan_bench.names import counted
from gan_bench.reports.variation import value_text, written


def page(shown: Shown) -> RenderableType:
    """Return the whole page of a variant that was taken apart."""
    sections: tuple[tuple[str, Callable[[Shown], RenderableType | None]], ...] = (
        ("", _head),
        ("Losses", playing.losses),
        ("Parts", _parts),
        ("Critics", playing.critics),
        ("Players", playing.players),
        ("Rounds of one iteration, in order", playing.rounds),
        ("Noise", playing.noise),
        ("Abilities", playing.abilities),
        ("Hyperparameters", _hyperparameters),
        ("Data", _data),
        ("Networks", _networks),
    )
    found: list[RenderableType] = []
    for title, section in sections:
        if (content := section(shown)) is not None:
            found += [Text(f"\n{title}", "bold"), Padding(content, (0, 0, 0, 2))] if title else [content]
    return Group(*found)


def _head(shown: Shown) -> RenderableType:
    versions = shown["versions"]
    of_parts = [f"part {name} {version}" for name, version in versions["parts"].items() if version > 1]
    known = [f"{name} {version}" for name, version in versions.items() if name != "parts"]
    rows = [
        ("paper", f"{shown['paper']}, {shown['year']}" + (f": {eq}" if (eq := shown["equation"]) else "")),
        ("made of", shown["composition"]),
        ("also", ", ".join(shown["aliases"])),
        ("profiles", words(shown["profiles"])),
        ("shown with", _profile(shown)),
        ("versions", ", ".join([*known, *of_parts])),
    ]
    title = Text(shown["variant"], "bold").append(f"\n{shown['title']}", "not bold")
    more = [Text(f"\n{text}") for text in shown["description"]]
    return Group(title, *more, Text(""), pairs((name, text) for name, text in rows if text))


def _profile(shown: Shown) -> str:
    profile = shown["profile"]
    owner = f" of {profile['of']}" if profile["of"] != shown["variant"] else ""
    source = f", from {profile['source']}" if profile["source"] else ""
    differs = f"; differences: {'; '.join(profile['differs'])}" if profile["differs"] else ""
    return f"{profile['name']}{owner}{source}{differs}"


def _parts(shown: Shown) -> RenderableType | None:
    if not shown["parts"]:
        return None
    return table(
        "part", "arguments", "what it does",
        rows=(
            (each["part"], written(each["arguments"]) or NOTHING, ". ".join(each["words"]))
            for each in shown["parts"]
        ),
    )  # fmt: skip


def _hyperparameters(shown: Shown) -> RenderableType:
    found = table(
        "name", "value", "from", "meaning",
        rows=(
            (name, value_text(each["value"]), each["from"], each["meaning"])
            for name, each in shown["hyperparameters"].items()
            if not each["from"].startswith("as ")  # the table of players has them
        ),
    )  # fmt: skip
    varied = f"The suite varies {words(shown['varied'])}: other values are trained as well."
    return Group(found, Text(varied)) if shown["varied"] else found


def _data(shown: Shown) -> RenderableType:
    data = shown["data"]
    stands = f" (stands in for {data['stands_in_for']})" if data["stands_in_for"] else ""
    return pairs(
        (
            ("shown on", data["dataset"] + stands),
            ("fields", "; ".join(f"{name}: {space}" for name, space in data["fields"].items())),
            ("needs", f"the stream{'s'[: len(data['needs']) - 1]} {' and '.join(data['needs'])}"),
            ("fits", f"{words(data['fitting'])} (of scalar and planar data; others were not loaded)"),
        )
    )


def _networks(shown: Shown) -> RenderableType:
    options = {
        name: value for name, value in shown["architecture"].items() if name not in ("label", "version")
    }
    found: list[RenderableType] = [Text(written(options))]
    for network in shown["networks"]:
        layers = table(
            "layer", "kind", "output", "weights", rows=map(_layer, network["layers"]), right=("weights",)
        )
        found += [Text(""), _heading(network), layers]
    total = sum(network["weights"] for network in shown["networks"])
    return Group(*found, Text(f"\nall networks: {counted(total, 'weight')}"))


def _layer(layer: Shown) -> tuple[str, ...]:
    weights = f"{layer['weights']:,}" if layer["weights"] else ""
    if layer["shared_with"]:
        weights = f"of {layer['shared_with']}"
    return layer["name"], layer["kind"], _shape(layer["output"]), weights


def _heading(network: Shown) -> Text:
    role, purpose = network["role"], network["purpose"]
    kind = "" if role.startswith(purpose) else f" ({purpose})"
    way = f": {' and '.join(network['inputs'])} -> {_shape(network['output'])}" if network["inputs"] else ""
    frozen = "" if network["trained"] else ", never trained"
    return Text(role, "bold").append(
        f"{kind}{way}; {counted(network['weights'], 'weight')}{frozen}", "not bold"
    )


def _shape(shapes: list[list[int]] | None) -> str:
    if shapes is None:
        return ""
    return " and ".join("x".join(map(str, shape)) or "1" for shape in shapes)
