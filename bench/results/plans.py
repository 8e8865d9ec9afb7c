"""Plans: the packs of a suite, fixed when they were first planned, as files of a store."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import Any, NotRequired

from pydantic import TypeAdapter
from typing_extensions import TypedDict

from gan_bench.bench.common import keys
from gan_bench.bench.common.files import as_table, now, read_bytes, sync, unwritable, write
from gan_bench.bench.common.seals import sealed
from gan_bench.bench.planning.pack_table import Way
from gan_bench.bench.planning.packs import Pack
from gan_bench.bench.planning.trial import Trial
from gan_bench.bench.results import leftovers
from gan_bench.bench.results.records import SCHEMA, check_schema, check_types, reading


class Content(TypedDict):
    """Content of a plan's file."""

    suite: str
    packs: list[list[dict[str, Any]]]
    """The `spec` of every trial of every pack."""
    ways: NotRequired[list[Way]]
    """The way of every pack."""
    compiled: NotRequired[list[bool]]
    """In place of `ways` in older plans: True for each compiled pack."""
    title: NotRequired[str]
    created: NotRequired[str]
    command: NotRequired[str]
    published: NotRequired[list[dict[str, Any]]]


_CONTENT = TypeAdapter(Content)


def read(path: Path) -> Content:
    """Return a plan; raises UsageError, naming the file, for one that is damaged or no plan."""
    text = read_bytes(path, "JSON")
    content: Any = as_table(text, path)
    with reading("a plan", path):
        check_schema(text, content, path)
        check_types(_CONTENT, content)
        packs_of(content)
    return content


def packs_of(plan: Content) -> list[Pack]:
    """Return the packs of a plan."""
    ways = plan.get("ways") or _older_ways(plan)
    return [
        Pack(tuple(Trial.from_spec(spec) for spec in specs), way)
        for specs, way in zip(plan["packs"], ways, strict=True)
    ]


def _older_ways(plan: Content) -> list[Way]:
    compiled = plan.get("compiled", [False] * len(plan["packs"]))
    return ["compiled" if compile_it else "batched" for compile_it in compiled]


def content_of(suite: str, packs: Sequence[Pack], **facts: Any) -> dict[str, Any]:
    """Return what the file of new packs holds; `facts` (title, command ...) are kept beside them."""
    return {
        "schema": SCHEMA,
        "created": now(),
        "suite": suite,
        **facts,
        "packs": [[trial.spec() for trial in pack.trials] for pack in packs],
        "ways": [pack.way for pack in packs],
    }


class PlanFiles:
    """The plans of a store.

    Attributes:
        root: the store's folder.
        left_out: damaged files, read as if not there.
    """

    root: Path
    left_out: dict[Path, str]

    def plan_files(self) -> list[Path]:
        """Return the files of all plans that are not left out."""
        return [p for p in sorted((self.root / "plans").glob("[!.]*.json")) if p not in self.left_out]

    def copy_plan(self, path: Path) -> None:
        """Copy the file of a plan of another store, unless it is there and whole."""
        copy = self.root / "plans" / path.name
        if copy in self.left_out or not copy.exists():
            self.replace(copy, path.read_bytes())

    def replace(self, path: Path, content: bytes) -> None:
        """Write a file of the store, in place of what is there; what is damaged is set aside first."""
        path.parent.mkdir(parents=True, exist_ok=True)
        if (why := self.left_out.pop(path, None)) is not None:
            leftovers.set_aside(self.root, {path: why})
        write(path, content)
        sync(path.parent)

    def _plans(self) -> dict[Path, Content]:
        """Return all plans, the oldest first."""
        found = {path: read(path) for path in self.plan_files()}
        return dict(sorted(found.items(), key=lambda item: item[1].get("created", "")))

    def commands(self) -> list[str]:
        """Return the commands that planned what is here, each once, the oldest first."""
        return list(dict.fromkeys(plan["command"] for plan in self._plans().values() if plan.get("command")))

    def titles(self) -> list[str]:
        """Return the titles of the suites that planned what is here, each once, the oldest first."""
        return list(dict.fromkeys(plan["title"] for plan in self._plans().values() if plan.get("title")))

    def planned(self) -> list[Pack]:
        """Return every pack that was ever planned here, oldest plan first."""
        return [pack for plan in self._plans().values() for pack in packs_of(plan)]

    def add_plan(self, suite: str, packs: Sequence[Pack], **facts: Any) -> None:
        """Fix new packs and whether they are compiled; an interrupted run then resumes with the same ones.

        Raises UsageError where the folder cannot be written.
        """
        if not packs:
            return
        content = content_of(suite, packs, **facts)
        name = f"{suite}-{keys.digest([pack.id for pack in packs])[:8]}.json"
        with unwritable(f"cannot write results to {self.root}"):
            self.replace(self.root / "plans" / name, sealed(content))

    def paper_numbers(self) -> list[dict[str, Any]]:
        """Return published numbers of the suites planned here, those of each suite's newest plan."""
        newest = {plan["suite"]: plan.get("published", []) for plan in self._plans().values()}
        return [row for rows in newest.values() for row in rows]
