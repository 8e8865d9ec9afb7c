from __future__ import annotations

import os
import socket
import threading
import time

import pytest

from gan_bench.datasets import DatasetError, Unreachable
from gan_bench.datasets.download import MEMORY, fetch
from gan_bench.datasets.idx import FILES
from gan_bench.datasets.mnist import from_idx


@pytest.fixture
def silent():
    """An address that accepts connections and never says a word."""
    with socket.create_server(("127.0.0.1", 0)) as listener:
        yield f"http://127.0.0.1:{listener.getsockname()[1]}/"


def archives(small):
    return {f"{name}.gz": content for name, content in small.packed.items()}


def test_files_come_into_the_cache_and_are_not_fetched_twice(small, folders, serve):
    address, asked = serve(archives(small))
    here = folders(allow_download=True)
    fetch(small.files, here, mirrors=[address])
    assert asked == [f"/{name}.gz" for name in FILES]
    raw = here.cache / "MNIST" / "raw"
    assert {path.name: path.read_bytes() for path in raw.iterdir()} == archives(small)
    fetch(small.files, here, mirrors=[address])
    assert len(asked) == 4
    assert len(from_idx("small", small.files, here, 10).stream()) == 20


def test_only_missing_files_are_fetched(small, folders, serve):
    address, asked = serve(archives(small))
    here = folders(allow_download=True)
    small.write(here.cache)
    (here.cache / "MNIST" / "raw" / f"{FILES[2]}.gz").unlink()
    fetch(small.files, here, mirrors=[address])
    assert asked == [f"/{FILES[2]}.gz"]


def test_the_next_mirror_helps_out(small, folders, serve):
    empty, asked_empty = serve({})
    good, asked = serve(archives(small))
    fetch(small.files, folders(allow_download=True), mirrors=[empty, good])
    assert len(asked_empty) == 1, "a mirror that failed is not asked again"
    assert len(asked) == 4


def test_a_wrong_download_is_an_error_and_never_stored(small, folders, serve):
    address, _ = serve(archives(small) | {f"{FILES[1]}.gz": b"<html>sign in to this network</html>"})
    here = folders(allow_download=True)
    with pytest.raises(DatasetError, match=f"damaged file {address}{FILES[1]}.gz") as error:
        fetch(small.files, here, mirrors=[address])
    assert not isinstance(error.value, Unreachable)
    assert small.files.packed[FILES[1]] in str(error.value)
    assert [path.name for path in (here.cache / "MNIST" / "raw").iterdir()] == [f"{FILES[0]}.gz"]


def test_a_connection_that_breaks_off_counts_as_unreachable(small, folders, serve):
    address, _ = serve(archives(small), truncate=True)
    with pytest.raises(Unreachable, match="IncompleteRead"):
        fetch(small.files, folders(allow_download=True), mirrors=[address])


def test_a_silent_network_costs_its_limit_once(small, folders, silent):
    here = folders(allow_download=True)
    start = time.monotonic()
    with pytest.raises(Unreachable):
        fetch(small.files, here, mirrors=[silent, silent], limit=0.4)
    assert time.monotonic() - start < 5
    start = time.monotonic()
    with pytest.raises(Unreachable, match=r"out of reach \d+ s ago.*unreachable"):
        fetch(small.files, here, mirrors=[silent], limit=60)
    assert time.monotonic() - start < 5


def test_a_name_look_up_that_hangs_is_given_up(small, folders, monkeypatch):
    release = threading.Event()

    def hang(*args, **kwargs):
        release.wait(20)
        raise OSError("released")

    monkeypatch.setattr("socket.getaddrinfo", hang)
    start = time.monotonic()
    with pytest.raises(Unreachable, match=r"no data for 0\.2 s"):
        fetch(small.files, folders(allow_download=True), mirrors=["http://nowhere.invalid/"], limit=0.2)
    assert time.monotonic() - start < 5
    release.set()


def test_other_processes_see_the_failure_until_it_is_old(small, folders, serve, silent, monkeypatch):
    here = folders(allow_download=True)
    with pytest.raises(Unreachable):
        fetch(small.files, here, mirrors=[silent], limit=0.2)
    monkeypatch.setattr("gan_bench.datasets.download._given_up", {})  # as in another process
    address, asked = serve(archives(small))
    with pytest.raises(Unreachable, match="ago"):
        fetch(small.files, here, mirrors=[address])
    assert not asked
    old = time.time() - MEMORY - 1
    os.utime(here.cache / "unreachable", (old, old))
    fetch(small.files, here, mirrors=[address])
    assert len(asked) == 4


def test_a_server_that_says_no_is_not_taken_for_a_dead_network(small, folders, serve):
    address, _ = serve({})
    here = folders(allow_download=True)
    for _attempt in range(2):
        with pytest.raises(Unreachable, match="404"):
            fetch(small.files, here, mirrors=[address])
    assert not (here.cache / "unreachable").exists()


def test_a_cache_that_cannot_be_written_is_named(small, folders, serve):
    address, _ = serve(archives(small))
    here = folders(allow_download=True)
    here.cache.parent.mkdir(exist_ok=True)
    here.cache.write_text("a file where the folder should be")
    with pytest.raises(DatasetError, match=r"cannot write .*GAN_BENCH_CACHE"):
        fetch(small.files, here, mirrors=[address])


def test_nothing_is_tried_when_downloads_are_off(small, folders, serve):
    address, asked = serve(archives(small))
    with pytest.raises(Unreachable, match="switched off"):
        fetch(small.files, folders(), mirrors=[address])
    assert not asked


def test_torchvision_publishes_these_very_files():
    torchvision = pytest.importorskip("torchvision.datasets")
    for published in (torchvision.MNIST, torchvision.FashionMNIST):
        assert [name for name, _ in published.resources] == [f"{name}.gz" for name in FILES]
        assert published.mirrors
