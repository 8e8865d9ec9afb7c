"""The page of `show` for a terminal: tables of what a variant is made of."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from typing import Any

from rich.console import Group, RenderableType
from rich.padding import Padding
from rich.table import Table
from rich.text import Text

from gan_bench.reports.variation import value_text, written

Shown = Mapping[str, Any]
NOTHING = "–"


def page(shown: Shown) -> RenderableType:
    """Return the whole page of a variant that was taken apart."""
    sections: tuple[tuple[str, Callable[[Shown], RenderableType | None]], ...] = (
        ("", _head),
        ("Losses", _losses),
        ("Parts", _parts),
        ("Critics", _critics),
        ("Players", _players),
        ("Rounds of one iteration, in order", _rounds),
        ("Noise", _noise),
        ("Abilities", _abilities),
        ("Hyperparameters", _hyperparameters),
        ("Data", _data),
        ("Networks", _networks),
    )
    found: list[RenderableType] = []
    for title, section in sections:
        if (content := section(shown)) is not None:
            found += [Text(f"\n{title}", "bold"), Padding(content, (0, 0, 0, 2))] if title else [content]
    return Group(*found)


def _table(*columns: str, rows: Iterable[Iterable[Any]], right: tuple[str, ...] = ()) -> Table:
    table = Table(box=None, pad_edge=False, padding=(0, 2, 0, 0), header_style="dim")
    for column in columns:
        table.add_column(column, justify="right" if column in right else "left", overflow="fold")
    for row in rows:
        table.add_row(*(Text(str(cell)) for cell in row))
    return table


def _pairs(rows: Iterable[tuple[str, str]]) -> Table:
    table = Table.grid(padding=(0, 2, 0, 0))
    table.add_column(no_wrap=True)
    table.add_column(overflow="fold")
    for name, text in rows:
        table.add_row(Text(name, "dim"), Text(text))
    return table


def _words(items: Iterable[Any]) -> str:
    return ", ".join(map(str, items)) or NOTHING


def _head(shown: Shown) -> RenderableType:
    versions = shown["versions"]
    of_parts = [f"part {name} {version}" for name, version in versions["parts"].items() if version > 1]
    known = [f"{name} {version}" for name, version in versions.items() if name != "parts"]
    rows = [
        ("paper", f"{shown['paper']}, {shown['year']}" + (f": {eq}" if (eq := shown["equation"]) else "")),
        ("made of", shown["composition"]),
        ("also", ", ".join(shown["aliases"])),
        ("profiles", _words(["default", *shown["profiles"]])),
        ("versions", ", ".join([*known, *of_parts])),
    ]
    title = Text(shown["variant"], "bold").append(f"\n{shown['title']}", "not bold")
    more = [Text(f"\n{text}") for text in shown["description"]]
    return Group(title, *more, Text(""), _pairs((name, text) for name, text in rows if text))


def _losses(shown: Shown) -> RenderableType:
    rows = []
    for player in shown["players"]:
        rows.append((f"{player['player']} minimises", player["minimises"]))
        rows += [("plus", term) for term in player["plus"]]
        rows += [("in all", loss) for loss in player["in all"]]
    return _pairs(rows)


def _parts(shown: Shown) -> RenderableType | None:
    if not shown["parts"]:
        return None
    return _table(
        "part", "arguments", "what it does",
        rows=(
            (each["part"], written(each["arguments"]) or NOTHING, ". ".join(each["words"]))
            for each in shown["parts"]
        ),
    )  # fmt: skip


def _critics(shown: Shown) -> RenderableType | None:
    if not shown["critics"]:
        return None
    return Group(*(_pairs(_critic(critic)) for critic in shown["critics"]))


def _critic(critic: Shown) -> Iterable[tuple[str, str]]:
    given = f", given {_words(critic['given'])}" if critic["given"] else ""
    yield critic["role"], " and ".join(critic["judges"]) + given
    more = {
        "classes": critic["classes"] or "",
        "pac": critic["pac"] if critic["pac"] > 1 else "",
        "instance noise": critic["instance_noise"].replace("none", ""),
        "weights of penalties": ", ".join(critic["penalties"]),
    }
    facts = [f"objective {critic['objective']}", f"normalisation {critic['normalisation']}"]
    yield "", ", ".join([*facts, *(f"{name} {value}" for name, value in more.items() if value)])


def _players(shown: Shown) -> RenderableType:
    return _table(
        "player", "trains", "optimiser", "learning rate", "settings",
        rows=(
            (
                player["player"],
                _words(player["trains"]),
                player["optimiser"],
                value_text(player["lr"]),
                "; ".join([written(player["settings"]), *_more(player)]),
            )
            for player in shown["players"]
        ),
    )  # fmt: skip


def _more(player: Shown) -> Iterable[str]:
    if player["constraint"]:
        yield f"then {player['constraint'].replace('_', ' ')}"
    if player["foresees"]:
        yield f"foresees the steps of {_words(player['foresees'])}"


def _rounds(shown: Shown) -> RenderableType:
    columns = ("round", "updates", "times", "reads", "draws", "played")
    return _table(*columns, rows=map(_round, shown["rounds"]), right=("times",))


def _round(each: Shown) -> tuple[Any, ...]:
    start, end = each["active"]
    phase = "always" if (start, end) == (0.0, 1.0) else f"{start:.0%} to {end:.0%} of training"
    updates, reads = _words(each["players"]), _words(each["streams"])
    draws = _words(name if name not in each["shares"] else f"{name} (as before)" for name in each["noise"])
    return each["round"], updates, each["repeat"], reads, draws, phase


def _noise(shown: Shown) -> RenderableType | None:
    return _pairs(shown["noise"].items()) if shown["noise"] else None


def _abilities(shown: Shown) -> RenderableType:
    return _table(
        "ability", "inputs", "makes", "draws",
        rows=(
            (name, _words(a["inputs"]), a["makes"] or "a code", _words(a["noise"]))
            for name, a in shown["abilities"].items()
        ),
    )  # fmt: skip


def _hyperparameters(shown: Shown) -> RenderableType:
    table = _table(
        "name", "value", "from", "meaning",
        rows=(
            (name, value_text(each["value"]), each["from"], each["meaning"])
            for name, each in shown["hyperparameters"].items()
            if not each["from"].startswith("as ")  # the table of players has them
        ),
    )  # fmt: skip
    varied = f"The suite varies {_words(shown['varied'])}: other values are trained as well."
    return Group(table, Text(varied)) if shown["varied"] else table


def _data(shown: Shown) -> RenderableType:
    data = shown["data"]
    stands = f" (stands in for {data['stands_in_for']})" if data["stands_in_for"] else ""
    return _pairs(
        (
            ("shown on", data["dataset"] + stands),
            ("fields", "; ".join(f"{name}: {space}" for name, space in data["fields"].items())),
            ("needs", f"the stream{'s'[: len(data['needs']) - 1]} {' and '.join(data['needs'])}"),
            ("fits", f"{_words(data['fitting'])} (of scalar and planar data; others were not loaded)"),
        )
    )


def _networks(shown: Shown) -> RenderableType:
    options = {
        name: value for name, value in shown["architecture"].items() if name not in ("label", "version")
    }
    found: list[RenderableType] = [Text(written(options))]
    for network in shown["networks"]:
        layers = _table(
            "layer", "kind", "output", "weights", rows=map(_layer, network["layers"]), right=("weights",)
        )
        found += [Text(""), _heading(network), layers]
    total = sum(network["weights"] for network in shown["networks"])
    return Group(*found, Text(f"\nall networks: {total:,} weights"))


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
    return Text(role, "bold").append(f"{kind}{way}; {network['weights']:,} weights{frozen}", "not bold")


def _shape(shapes: list[list[int]] | None) -> str:
    if shapes is None:
        return ""
    return " and ".join("x".join(map(str, shape)) or "1" for shape in shapes)
