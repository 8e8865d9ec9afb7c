"""The API in a notebook with a real kernel: bars, no codes of terminals, and nothing where none is wanted."""

from __future__ import annotations

import os
import sys
from pathlib import Path

import pytest

from tests.bench.conftest import TINY
from tests.documents import ROOT

nbclient = pytest.importorskip("nbclient")
nbformat = pytest.importorskip("nbformat")
pytest.importorskip("ipywidgets")
CELLS = [
    "import gan_bench\nresults = gan_bench.run('tiny.toml', seeds=1)",
    "again = gan_bench.run('tiny.toml', seeds=2, progress=False)",
    "results.leaderboard()",
    "print(gan_bench.load('results/tiny-quick').table('text'))",
]
WIDGET = "application/vnd.jupyter.widget-view+json"


@pytest.fixture(scope="module")
def shown(tmp_path_factory: pytest.TempPathFactory) -> list[list[dict]]:
    """Return what each cell shows."""
    folder: Path = tmp_path_factory.mktemp("notebook")
    (folder / "tiny.toml").write_text(TINY, "utf-8")
    book = nbformat.v4.new_notebook(cells=[nbformat.v4.new_code_cell(cell) for cell in CELLS])
    paths = [str(ROOT / "bench" / "package"), os.environ.get("PYTHONPATH", "")]
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("PYTHONPATH", os.pathsep.join(filter(None, paths)))
        patch.setenv("JUPYTER_PATH", str(kernel(folder)))
        resources = {"metadata": {"path": str(folder)}}
        nbclient.NotebookClient(book, timeout=300, kernel_name="this", resources=resources).execute()
    return [cell.outputs for cell in book.cells]


def kernel(folder: Path) -> Path:
    """Write a kernel of this Python; return the folder of Jupyter's data that holds it."""
    made = folder / "jupyter" / "kernels" / "this"
    made.mkdir(parents=True)
    command = f'["{sys.executable}", "-m", "ipykernel_launcher", "-f", "{{connection_file}}"]'
    text = f'{{"argv": {command}, "display_name": "This", "language": "python"}}'
    (made / "kernel.json").write_text(text, "utf-8")
    return folder / "jupyter"


def texts(outputs: list[dict]) -> str:
    return "".join(out.get("text", "") or out.get("data", {}).get("text/plain", "") for out in outputs)


@pytest.mark.slow
@pytest.mark.filterwarnings("default")  # Jupyter's own
def test_a_notebook_shows_bars_without_codes_of_terminals(shown: list[list[dict]]) -> None:
    assert any(WIDGET in out.get("data", {}) for out in shown[0])
    assert "2 of 2 trials to do" in texts(shown[0])
    assert "Report: results/tiny-quick/report/index.html" in texts(shown[0])
    displayed = texts([out for out in shown[0] if out["output_type"] == "display_data"])
    assert "\x1b[?" not in displayed  # the cursor, hidden and shown
    assert "\x1b[2K" not in displayed


@pytest.mark.slow
@pytest.mark.filterwarnings("default")
def test_without_progress_a_cell_shows_nothing(shown: list[list[dict]]) -> None:
    assert shown[1] == []


@pytest.mark.slow
@pytest.mark.filterwarnings("default")
def test_leaderboards_are_tables_of_a_notebook_or_text(shown: list[list[dict]]) -> None:
    assert "<table" in shown[2][0]["data"]["text/html"]
    assert "nsgan" in texts(shown[3])
