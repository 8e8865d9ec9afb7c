"""`gan_bench.run`."""

from __future__ import annotations

from collections.abc import Iterable
from pathlib import Path
from typing import Any

from gan_bench.bench.commands.api.requests import as_usage_errors, request_of, signature
from gan_bench.bench.commands.api.results import Results
from gan_bench.bench.commands.api.screen import screen
from gan_bench.bench.running.request import Request


def run(
    suite: str | Path,
    *,
    variants: str | Iterable[str] | None = None,
    seeds: int | str | Iterable[int] | None = None,
    budget: str = "quick",
    device: str = "auto",
    out: str | Path | None = None,
    progress: bool = True,
    **options: Any,
) -> Results:
    """Train and measure what a suite lacks in its folder of results, and write the report.

    Trials that the folder holds already are not trained again, so an interrupted call is continued by making
    it again.

    Args:
        suite: a suite by name, or your own .toml file.
        variants: names or compositions in place of the suite's; `"all"` for every one that fits.
        seeds: a count, a list of seeds, or a text such as `"0-4"`. Default: the suite's.
        budget: smoke, quick, gate or full.
        device: auto, cpu, cuda (all GPUs) or cuda:1 (one).
        out: the folder of results. Default: results/SUITE-BUDGET.
        progress: False shows nothing.
        options: every other option of `bench run`, with underscores for dashes; repeatable ones take a list,
            and `set` a mapping too, as in `set={"lr": 1e-3}`. `--with` is `beside`.

    Returns:
        The results of the trials that were asked for. `status` is 1 where some failed.

    Raises:
        UsageError: with the sentence of the command line, before anything is written.
        KeyboardInterrupt: if the call is interrupted; finished trials are kept.
    """
    from gan_bench.bench.running.session import carry_out

    given: dict[str, Any] = {"suite": str(suite), "variants": variants, "seeds": seeds, "budget": budget}
    given |= {"device": device, "out": out, **options}
    if not isinstance(variants, str | None):
        given["variants"] = list(variants)
    if not isinstance(seeds, str | int | None):
        given["seeds"] = list(seeds)
    with as_usage_errors():
        request = request_of(Request, "gan_bench.run", given)
        outcome = carry_out(request, screen(progress))
        if outcome.status == 130:
            raise KeyboardInterrupt
        assert outcome.store is not None
        return Results(outcome.store, outcome.status, outcome.trials, outcome.evaluations, request.beside)


run.__signature__ = signature(Request, run)  # type: ignore[attr-defined]
