"""A small MNIST-like dataset, written by the tests themselves, and a server of files."""

from __future__ import annotations

import gzip
import hashlib
import http.server
import struct
import threading
from pathlib import Path

import numpy as np
import pytest

from gan_bench.datasets import Folders
from gan_bench.datasets.idx import FILES, FileSet


def idx_bytes(array: np.ndarray) -> bytes:
    """The IDX format, from its definition: magic number 0x0000080n, big-endian sizes, values."""
    return struct.pack(f">I{array.ndim}I", 0x0800 + array.ndim, *array.shape) + array.tobytes()


class SmallMnist:
    """Thirty training and ten test images of 28x28, with their files."""

    def __init__(self):
        rng = np.random.default_rng(7)
        self.arrays = {
            FILES[0]: rng.integers(0, 256, (30, 28, 28), dtype=np.uint8),
            FILES[1]: rng.integers(0, 10, 30, dtype=np.uint8),
            FILES[2]: rng.integers(0, 256, (10, 28, 28), dtype=np.uint8),
            FILES[3]: rng.integers(0, 10, 10, dtype=np.uint8),
        }
        self.contents = {name: idx_bytes(array) for name, array in self.arrays.items()}
        self.packed = {name: gzip.compress(content, mtime=0) for name, content in self.contents.items()}
        self.files = FileSet("MNIST", self.sums(self.packed), self.sums(self.contents))

    @staticmethod
    def sums(contents: dict[str, bytes]) -> dict[str, str]:
        return {name: hashlib.sha256(content).hexdigest() for name, content in contents.items()}

    def write(self, root: Path, *, packed: bool = True) -> Path:
        """Lay the files out as torchvision does and give the root back."""
        raw = root / "MNIST" / "raw"
        raw.mkdir(parents=True)
        for name in FILES:
            (raw / (f"{name}.gz" if packed else name)).write_bytes(
                (self.packed if packed else self.contents)[name]
            )
        return root


@pytest.fixture(scope="session")
def small() -> SmallMnist:
    return SmallMnist()


@pytest.fixture
def folders(tmp_path, monkeypatch):
    """Makes Folders over roots, with a cache of the test's own, without a network unless it is asked for."""
    monkeypatch.delenv("BENCH_DATA", raising=False)
    monkeypatch.setattr("gan_bench.datasets.download._given_up", {})

    def make(*roots: Path, allow_download: bool = False) -> Folders:
        return Folders.of(roots, tmp_path / "cache", allow_download)

    return make


@pytest.fixture
def serve(monkeypatch):
    """Serves a dict of path -> bytes on this machine; gives the address and the list of paths asked for."""
    monkeypatch.setenv("no_proxy", "127.0.0.1")
    servers = []

    def start(contents, truncate=False):
        asked: list[str] = []

        class Handler(http.server.BaseHTTPRequestHandler):
            def do_GET(self):
                asked.append(self.path)
                content = contents.get(self.path.strip("/"))
                if content is None:
                    self.send_error(404)
                    return
                self.send_response(200)
                self.send_header("Content-Length", str(len(content)))
                self.end_headers()
                self.wfile.write(content[:-1] if truncate else content)

            def log_message(self, *args):
                pass

        server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.01}, daemon=True).start()
        servers.append(server)
        return f"http://127.0.0.1:{server.server_port}/", asked

    yield start
    for server in servers:
        server.shutdown()
        server.server_close()
