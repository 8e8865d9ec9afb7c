from __future__ import annotations

from pathlib import Path

from gan_bench.bench.metrics import document, registry
from gan_bench.variants.table import inserted

PAGE = Path(__file__).parents[3] / "docs" / "metrics.md"


def test_the_page_of_metrics_is_that_of_today() -> None:
    text = PAGE.read_text("utf-8")
    assert inserted(text, document.TABLES) == text, (
        "run: python -m gan_bench.bench.metrics.document docs/metrics.md"
    )


def test_a_section_says_what_the_register_says() -> None:
    """By hand, from the source of KID and of the share of images of high quality."""
    sections = dict(part.split("\n\n", 1) for part in document.sections().split("### ")[1:])
    own = [
        name for name in registry.names() if registry.info(name).compute.__module__.startswith("gan_bench.b")
    ]
    assert [title.split("`")[1] for title in sections] == own
    facts, first, method = sections["`kid`: KID"].strip().split("\n\n")
    assert facts == (
        "Lower is better; measured at the end; of images; subsets 20; subset_size 1000; seed 2020; version 2."
    )
    assert first.startswith("Squared maximum mean discrepancy")
    assert "Binkowski" in method
    assert sections["`recall`: Recall"].startswith("Higher is better; from 0 to 1; measured at the end")
