"""The law of a foreign model's latents, as an option states it."""

from __future__ import annotations

import re
from dataclasses import dataclass

from gan_bench.bench.common.errors import UsageError


@dataclass(frozen=True)
class Latents:
    """The law of a model's latents.

    Attributes:
        shape: of one latent.
        uniform: uniform on [-1, 1] in place of standard normal.
    """

    shape: tuple[int, ...]
    uniform: bool = False

    @classmethod
    def parse(cls, text: str) -> Latents:
        """Read `100`, `100x1x1` (also `100,1,1`) or `uniform:100`; raise UsageError for another text."""
        found = re.fullmatch(r"(?:(normal|uniform):)?([1-9]\d*(?: *[x,] *[1-9]\d*)*),?", text.strip())
        if not found:
            raise UsageError(
                f"--latent {text}: expected dimensions or a shape, normal or uniform from -1 to 1, as in "
                "100, 100x1x1 or uniform:100"
            )
        return cls(tuple(map(int, re.split("[x,]", found[2]))), found[1] == "uniform")


USUAL = Latents((100,))
"""The latents of a model of which nothing is stated."""
