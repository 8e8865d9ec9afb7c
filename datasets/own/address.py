"""Names of a user's own data: a scheme, a place and options, as in `images:photos,size=64,grey`."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from pathlib import Path

from gan_bench.datasets.base import DatasetError

FLAG = "yes"
"""Value of an option that is on because it is given."""
OPTIONS: dict[str, dict[str, str]] = {
    "images": {"size": "SIDE", "grey": FLAG, "extractor": "NAME"},
    "npz": {
        "size": "SIDE", "grey": FLAG, "extractor": "NAME", "values": "LOW:HIGH", "channels-last": FLAG,
    },
    "hf": {
        "size": "SIDE", "grey": FLAG, "extractor": "NAME", "image": "COLUMN", "label": "COLUMN",
        "config": "NAME",
    },
}  # fmt: skip
"""Options of each scheme, with the form of their values."""
FILES = (".npz", ".npy")
"""Endings of files that need no scheme."""


@dataclass(frozen=True)
class Address:
    """The place of a user's own data.

    Attributes:
        scheme: `images`, `npz` or `hf`.
        place: a folder, a file, or a name on Hugging Face's hub.
        options: by name, see `OPTIONS`.
    """

    scheme: str
    place: str
    options: Mapping[str, str] = field(default_factory=dict)

    @classmethod
    def parse(cls, name: str) -> Address | None:
        """Return the address that a text states; None for a text that is none, such as `mnist`.

        Options are separated by commas after the place, which may itself have commas.
        """
        scheme, colon, rest = name.partition(":")
        if not colon or scheme not in OPTIONS:
            scheme, rest = "npz", name
        known = OPTIONS[scheme]
        options: dict[str, str] = {}
        while (end := re.fullmatch(r"(.*),([a-z-]+)(?:=([^,=]+))?", rest)) and end[2] in known:
            if (end[3] is None) != (known[end[2]] == FLAG):
                break
            rest, options = end[1], {end[2]: end[3] or FLAG, **options}
        if not rest or (not colon and not rest.lower().endswith(FILES)):
            return None
        if scheme == "npz" and not name.startswith("npz:") and not rest.lower().endswith(FILES):
            return None
        return cls(scheme, rest, options)

    def absolute(self) -> Address:
        """Return the address with the whole path of its folder or file, so that any process finds it."""
        path = Path(self.place).expanduser()
        local = self.scheme != "hf" or path.exists()
        return replace(self, place=str(path.resolve())) if local else self

    def __str__(self) -> str:
        """Return the text that `parse` reads."""
        words = [key if value == FLAG else f"{key}={value}" for key, value in self.options.items()]
        return ",".join([f"{self.scheme}:{self.place}", *words])

    @property
    def title(self) -> str:
        """Return a short name without the path, for tables: `images:photos-64-grey`."""
        path = Path(self.place)
        stem = path.stem if self.scheme == "npz" else path.name if path.is_absolute() else self.place
        words = [re.sub(r"[^\w.-]+", "-", stem).strip("-.") or "data"]
        words += [self.options["size"]] if "size" in self.options else []
        return f"{self.scheme}:{'-'.join(words + ['grey'] * self.grey)}"

    def with_options(self, given: Mapping[str, str]) -> Address:
        """Return the address with more options; raise DatasetError for one that its scheme does not have."""
        if unknown := next((key for key in given if key not in OPTIONS[self.scheme]), ""):
            raise DatasetError(f"{self} has no option {unknown}; it has {self.spelt()}")
        return replace(self, options={**self.options, **given})

    @property
    def size(self) -> int | None:
        """Return the side of square images, None where images keep theirs; raise DatasetError for no side."""
        if (text := self.options.get("size")) is None:
            return None
        if not text.isdecimal() or not 2 <= int(text) <= 4096:
            raise DatasetError(f"{self}: size={text}: expected a side in pixels from 2 to 4096")
        return int(text)

    @property
    def grey(self) -> bool:
        """Return whether images in colour become grey."""
        return "grey" in self.options

    @property
    def extractor(self) -> str | None:
        """Return the name of the feature extractor that measures the images."""
        return self.options.get("extractor")

    def spelt(self) -> str:
        """Return the options that this scheme has, for messages."""
        known = OPTIONS[self.scheme]
        return ", ".join(key if form == FLAG else f"{key}={form}" for key, form in known.items())
