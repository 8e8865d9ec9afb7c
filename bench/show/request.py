"""The request of one `show`: its fields are the command's options."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Annotated

import typer

from gan_bench.bench.planning.options import Changes, DataDirs, Plugins


@dataclass(frozen=True)
class Request:
    """A variant, and the data, networks and settings to show it with."""

    variant: Annotated[str, typer.Argument(help="A variant or composition; see `list variants`.")]
    suite: Annotated[
        str | None, typer.Option(help="Take data, networks, profile and settings of this suite.")
    ] = None
    dataset: Annotated[
        str | None,
        typer.Option(help="Default: the suite's first; else ring, or the first data that fit."),
    ] = None
    architecture: Annotated[
        str | None,
        typer.Option(
            metavar="NAME[, OPTION=VALUE ...]",
            help="A label of the suite, or a network family: 'mlp, hidden=[8]'. Default: the first; mlp.",
        ),
    ] = None
    profile: Annotated[str | None, typer.Option(help="Default: the suite's; else default.")] = None
    changes: Changes = ()
    json: Annotated[bool, typer.Option("--json", help="Print one JSON object, for programs.")] = False
    data_dirs: DataDirs = ()
    plugins: Plugins = ()
