"""The picture of the samples of one model."""

from __future__ import annotations

import numpy as np

from gan_bench.reports.plots import generated


def test_a_histogram_states_mean_and_std_of_samples_and_data(monkeypatch):
    drawn = []
    monkeypatch.setattr(generated, "png", lambda figure: drawn.append(figure) or b"")
    samples, real = np.array([[1.0], [3.0], [5.0]]), np.array([[0.0], [4.0], [8.0], [4.0]])
    generated.points(samples, real, "a", "b")
    (axes,) = drawn[0].axes
    assert "mean 3, std 1.63" in [text.get_text() for text in axes.texts]
    assert any(
        "mean 4, std 2.83" in text.get_text()
        for text in drawn[0].findobj(match=lambda a: hasattr(a, "get_text"))
    )
    upright = [line.get_xdata()[0] for line in axes.lines if len(set(line.get_xdata())) == 1]
    assert upright == [3.0, 4.0]
