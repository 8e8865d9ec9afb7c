"""Pages about critics that `bench explain` watched."""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from gan_bench.reports import explain
from gan_bench.reports.folder import Folder
from gan_bench.reports.labels import FileNames, clean, slug
from gan_bench.reports.pages.page import Page


def critic_pages(watched: Iterable[explain.Watched], folder: Folder, names: FileNames) -> Iterator[Page]:
    """Yield a page per critic; its pictures are files beside it."""

    def put(file: str, image: bytes) -> str:
        folder.put(file, image)
        return file

    for one in watched:
        title = clean(one.title.removeprefix("Features of the critic of "))
        stem = names(["critic", slug(one.context)])
        groups = explain.groups(one, folder, f"plots/{stem}--", put)
        yield Page("critic", f"{stem}.html", title, {"watched": one, "groups": groups})
