"""The command `show`: take a variant apart and print it."""

from __future__ import annotations

import json

from rich.console import Console

from gan_bench.bench.common.errors import UsageError
from gan_bench.bench.common.plugins import load_plugins
from gan_bench.bench.planning.user_errors import usage_errors
from gan_bench.bench.show.anatomy import anatomy
from gan_bench.bench.show.layout import page
from gan_bench.bench.show.request import Request
from gan_bench.bench.show.setting import Setting
from gan_bench.variants.misfits import Misfit


def show(request: Request, console: Console) -> None:
    """Print what a variant is made of, for people or as JSON.

    Raises:
        UsageError: for unknown names, values that cannot be, data or networks that do not fit.
    """
    load_plugins(request.plugins)
    with usage_errors():
        setting = Setting.of(request)
        try:
            shown = anatomy(setting)
        except Misfit as misfit:
            raise UsageError(
                f"{setting.variant} cannot be trained on {setting.data.name} with {setting.label}: {misfit}"
            ) from misfit
    if request.json:
        console.print_json(json.dumps(shown), highlight=False)
    else:
        console.print(page(shown), highlight=False)
