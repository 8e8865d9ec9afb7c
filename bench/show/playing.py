"""Tables of how a game is played: losses, critics, players, rounds, noise, abilities."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

from rich.console import Group, RenderableType

from gan_bench.bench.show.tables import pairs, table, words
from gan_bench.reports.variation import value_text, written

Shown = Mapping[str, Any]


def losses(shown: Shown) -> RenderableType:
    """Return what every player minimises."""
    rows = []
    for player in shown["players"]:
        rows.append((f"{player['player']} minimises", player["minimises"]))
        rows += [("plus", term) for term in player["plus"]]
        rows += [("in all", loss) for loss in player["in all"]]
    return pairs(rows)


def critics(shown: Shown) -> RenderableType | None:
    """Return what critics judge, and how; None without critics."""
    if not shown["critics"]:
        return None
    return Group(*(pairs(_critic(critic)) for critic in shown["critics"]))


def _critic(critic: Shown) -> Iterable[tuple[str, str]]:
    given = f", given {words(critic['given'])}" if critic["given"] else ""
    yield critic["role"], " and ".join(critic["judges"]) + given
    more = {
        "classes": critic["classes"] or "",
        "pac": critic["pac"] if critic["pac"] > 1 else "",
        "instance noise": critic["instance_noise"].replace("none", ""),
        "weights of penalties": ", ".join(critic["penalties"]),
    }
    facts = [f"objective {critic['objective']}", f"normalisation {critic['normalisation']}"]
    yield "", ", ".join([*facts, *(f"{name} {value}" for name, value in more.items() if value)])


def players(shown: Shown) -> RenderableType:
    """Return the players, with their optimisers."""
    return table(
        "player", "trains", "optimiser", "learning rate", "settings",
        rows=(
            (
                player["player"],
                words(player["trains"]),
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
        yield f"foresees the steps of {words(player['foresees'])}"


def rounds(shown: Shown) -> RenderableType:
    """Return the rounds of one iteration."""
    columns = ("round", "updates", "times", "reads", "draws", "played")
    return table(*columns, rows=map(_round, shown["rounds"]), right=("times",))


def _round(each: Shown) -> tuple[Any, ...]:
    start, end = each["active"]
    phase = "always" if (start, end) == (0.0, 1.0) else f"{start:.0%} to {end:.0%} of training"
    updates, reads = words(each["players"]), words(each["streams"])
    draws = words(name if name not in each["shares"] else f"{name} (as before)" for name in each["noise"])
    return each["round"], updates, each["repeat"], reads, draws, phase


def noise(shown: Shown) -> RenderableType | None:
    """Return the laws of the declared noise."""
    return pairs(shown["noise"].items()) if shown["noise"] else None


def abilities(shown: Shown) -> RenderableType:
    """Return what the trained game can do."""
    return table(
        "ability", "inputs", "makes", "draws",
        rows=(
            (name, words(a["inputs"]), a["makes"] or "a code", words(a["noise"]))
            for name, a in shown["abilities"].items()
        ),
    )  # fmt: skip
