"""Pages about critics that `bench explain` watched."""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from reports import explain
from reports.folder import Folder
from reports.labels import FileNames, clean, slug
from reports.pages.page import Page


def critic_pages(watched: Iterable[explain.Watched], folder: Folder, names: FileNames) -> Iterator[Page]:
    """A page per critic; its pictures are files beside it."""

    def put(file: str, image: bytes) -> str:
        folder.put(file, image)
        return file

    for one in watched:
        title = clean(one.title.removeprefix("What the critic of "))
        stem = names(["critic", slug(one.context)])
        groups = explain.groups(one, folder, f"plots/{stem}--", put)
        yield Page("critic", f"{stem}.html", title, {"watched": one, "groups": groups})
