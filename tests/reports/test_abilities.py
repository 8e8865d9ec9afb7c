"""Pictures of abilities: every pixel and number in its place."""

from __future__ import annotations

import base64
import io
import re
from xml.etree import ElementTree

import numpy as np
import pandas as pd
import pytest
from PIL import Image

from gan_bench.reports import site
from gan_bench.reports.frames import tidy
from gan_bench.reports.pages.boards import ABILITIES
from gan_bench.reports.plots.abilities import KINDS
from gan_bench.reports.plots.abilities.content import Content
from gan_bench.reports.plots.figure import finish, rc
from gan_bench.reports.plots.grids import BLANK, LINE, grid
from gan_bench.reports.plots.planes import plane
from gan_bench.reports.style import THEME

RNG = np.random.default_rng(0)
SIDE = 4


def images(*size, channels=1):
    return RNG.integers(0, 256, (*size, channels, SIDE, SIDE)).astype(np.uint8)


def drawings(kind, **content):
    arrays = content.pop("arrays")
    with rc():
        return [*KINDS[kind](Content(arrays, "<b>a</b>", "on data", **content))]


def embedded(drawing):
    """The pixels that the SVG of a figure holds, [height, width, 3]."""
    with rc():
        plot = finish(drawing.figure, name="n", title="t", alt="a", data=pd.DataFrame())
    (data,) = re.findall(rb'href="data:image/png;base64,([^"]+)"', plot.image)
    return np.asarray(Image.open(io.BytesIO(base64.b64decode(data))).convert("RGB"))


def texts(drawing):
    with rc():
        plot = finish(drawing.figure, name="n", title="t", alt="a", data=pd.DataFrame())
    return [
        "".join(e.itertext()).strip() for e in ElementTree.fromstring(plot.image).iter() if "text" in e.tag
    ]


def cell(pixels, row, column, gap=0):
    """The image at a place of a grid; `gap` further pixels lie above it."""
    top, left = row * (SIDE + 1) + gap, column * (SIDE + 1)
    return pixels[top : top + SIDE, left : left + SIDE]


def test_a_row_per_class_has_the_stored_pixels_in_their_places():
    rows = images(3, 5)
    (drawing,) = drawings("classes", arrays={"rows": rows, "class": np.array([0, 4, 7])})
    pixels = embedded(drawing)
    np.testing.assert_array_equal(pixels, drawing.images.picture)
    assert pixels.shape == (3 * (SIDE + 1) - 1, 5 * (SIDE + 1) - 1, 3)
    for row, column in np.ndindex(3, 5):
        np.testing.assert_array_equal(cell(pixels, row, column)[..., 0], rows[row, column, 0])
    assert {"0", "4", "7", "class"} <= set(texts(drawing))
    assert drawing.data["class"].tolist() == np.repeat([0, 4, 7], 5).tolist()


def test_colour_images_and_rows_of_several_lengths_make_a_grid():
    first, second = images(3, channels=3), images(1, channels=3)
    picture = grid([first, second]).picture
    np.testing.assert_array_equal(cell(picture, 0, 2), first[2].transpose(1, 2, 0))
    np.testing.assert_array_equal(cell(picture, 1, 0), second[0].transpose(1, 2, 0))
    assert (cell(picture, 1, 1) == BLANK).all()
    assert (picture[SIDE] == LINE).all()
    assert grid([images(2), images(2)[..., :-1]]) is None
    assert grid([np.zeros((3, 2))]) is None


def test_a_traversal_shows_draws_of_a_component_together():
    rows = images(2, 3, 5)
    arrays = {"c.d.rows": rows, "c.d.values": np.linspace(-1, 1, 5)}
    (drawing,) = drawings("traversal", arrays=arrays)
    pixels = embedded(drawing)
    thick = 4 - 1
    for component, draw, value in np.ndindex(2, 3, 5):
        found = cell(pixels, 3 * component + draw, value, component * thick)[..., 0]
        np.testing.assert_array_equal(found, rows[component, draw, value, 0])
    assert {"-1", "-0.5", "0", "c.d 2, draw 3"} <= set(texts(drawing))
    assert drawing.data["value"].tolist()[:5] == [-1, -0.5, 0, 0.5, 1]


def test_outputs_stand_below_their_inputs_and_the_truth_below_them():
    given, made, truth = images(10), images(10), images(10)
    arrays = {"given.low": given, "made": made, "target": truth}
    (drawing,) = drawings("beside", arrays=arrays, part="translate")
    pixels, thick = embedded(drawing), 4 - 1
    for place in range(10):
        block, column = divmod(place, 8)
        for line, rows in enumerate((given, made, truth)):
            found = cell(pixels, 3 * block + line, column, block * thick)[..., 0]
            np.testing.assert_array_equal(found, rows[place, 0])
    assert {"input", "output", "truth"} <= set(texts(drawing))


def test_both_directions_and_cycles_have_titles_of_their_own():
    titles = set()
    for part in ("translate", "translate_back", "cycle", "cycle_back"):
        (drawing,) = drawings("beside", arrays={"given.x": images(2), "made": images(2)}, part=part)
        titles.add(drawing.title)
        assert part not in drawing.title.split(",")[0].split()[-1:]
    assert len(titles) == 4


def test_a_truth_that_is_the_input_is_shown_once():
    given, made = images(4), images(4)
    arrays = {"given.real": given, "made": made, "target": given}
    (drawing,) = drawings("beside", arrays=arrays, part="reconstruct")
    assert embedded(drawing).shape[0] == 2 * (SIDE + 1) - 1
    assert {"original", "reconstruction"} <= set(texts(drawing))


def test_small_inputs_are_enlarged_by_whole_pixels_and_several_draws_shown():
    given, draws = images(2)[..., ::2, ::2], images(3, 2)
    (drawing,) = drawings("beside", arrays={"given.low": given, "made": draws[0], "draws": draws}, part="up")
    pixels = embedded(drawing)
    np.testing.assert_array_equal(cell(pixels, 0, 1)[..., 0], given[1, 0].repeat(2, 0).repeat(2, 1))
    np.testing.assert_array_equal(cell(pixels, 3, 1)[..., 0], draws[2, 1, 0])


def test_an_input_is_shown_with_its_hole_and_whole():
    given, made, hole = images(2), images(2), np.zeros((2, 1, SIDE, SIDE), np.uint8)
    hole[:, :, 1:3, 1:3] = 1
    arrays = {"given.real": given, "made": made, "target": given, "hole": hole}
    (drawing,) = drawings("beside", arrays=arrays, part="inpaint")
    pixels = embedded(drawing)
    cut = given[1, 0].copy()
    cut[1:3, 1:3] = LINE
    for line, expected in enumerate((cut, made[1, 0], given[1, 0])):
        np.testing.assert_array_equal(cell(pixels, line, 1)[..., 0], expected)
    assert {"input", "output", "truth"} <= set(texts(drawing))


def test_draws_that_are_all_the_same_are_shown_once():
    given, made = images(2), images(2)
    arrays = {"given.low": given, "made": made, "draws": np.stack([made] * 3)}
    (drawing,) = drawings("beside", arrays=arrays, part="up")
    assert embedded(drawing).shape[0] == 2 * (SIDE + 1) - 1
    assert "output" in texts(drawing)


def test_points_are_joined_to_what_was_made_of_them():
    given = RNG.normal(size=(5, 2))
    arrays = {"given.real": given, "made": given + 1, "target": given}
    (drawing,) = drawings("beside", arrays=arrays, part="reconstruct", real=RNG.normal(size=(50, 2)))
    np.testing.assert_allclose(drawing.data[["x", "y"]], given)
    np.testing.assert_allclose(drawing.data[["made_x", "made_y"]], given + 1)
    (axes,) = drawing.figure.axes
    lines = [line.get_xydata() for line in axes.lines if len(line.get_xydata()) == 2]
    np.testing.assert_allclose(lines, np.stack([given, given + 1], 1))


def test_samples_that_another_ability_makes_are_shown_once(make, draw_only, tmp_path):
    draw_only("beside")
    results = make(tmp_path / "a", variants={"gan": 2014}, seeds=1, lost=False, ema=False)
    path = results.trials["samples"].iloc[0]
    kept = {name: rows for name, rows in np.load(path).items() if "given" not in name}
    given, made = images(3), images(3)
    for ability in ("sample", "translate"):
        kept |= {f"{ability}.given.domain_a": given, f"{ability}.final": made}
    np.savez(path, **kept)
    site.write(
        tidy(results.trials, results.scores, results.history), tmp_path / "out", title="t", command="c"
    )
    drawn = [file.name for file in (tmp_path / "out" / "plots").glob("*--beside--*.svg")]
    assert len(drawn) == 1
    assert "translate" in drawn[0]


def test_outputs_that_are_no_pictures_of_the_inputs_are_not_drawn():
    assert drawings("beside", arrays={"given.real": images(4), "made": np.zeros((4, 7))}, part="encode") == []
    points = np.zeros((4, 2))
    assert drawings("beside", arrays={"given.real": points, "made": points}, part="encode") == []


def test_clusters_have_their_images_and_say_what_they_hold():
    rows, cluster = images(3, 4), np.array([0, 0, 0, 2, 2])
    arrays = {
        "rows": rows, "shown": np.array([3, 0, 2]), "cluster": cluster, "label": np.array([1, 1, 5, 3, 3]),
        "codes": RNG.normal(size=(5, 2)),
    }  # fmt: skip
    sheet, found = drawings("clusters", arrays=arrays)
    pixels = embedded(sheet)
    for row, column in ((0, 0), (0, 2), (2, 1)):
        np.testing.assert_array_equal(cell(pixels, row, column)[..., 0], rows[row, column, 0])
    assert (cell(pixels, 1, 0) == BLANK).all()
    assert {"0: 3, 67% class 1", "1: 0", "2: 2, 100% class 3"} <= set(texts(sheet))
    assert sheet.data["samples"].tolist() == [3, 0, 2]
    np.testing.assert_allclose(found.data[["x", "y"]], arrays["codes"], rtol=1e-6)
    assert found.data["cluster"].tolist() == cluster.tolist()


def test_codes_in_the_plane_are_those_of_a_library():
    from sklearn.decomposition import PCA

    codes = RNG.normal(size=(50, 6)) * [3, 2, 1, 1, 0.5, 0.1]
    pca = PCA(2).fit(codes)
    shown = plane(codes, codes[:7] + 1)
    for found, expected in ((shown.points, codes), (shown.behind, codes[:7] + 1)):
        projected = pca.transform(expected)
        signs = np.sign((shown.points * pca.transform(codes)).sum(0))
        np.testing.assert_allclose(found * signs, projected, atol=1e-9)
    assert f"{pca.explained_variance_ratio_[0]:.0%} of the variance" in shown.across
    two = RNG.normal(size=(9, 2))
    np.testing.assert_array_equal(plane(two).points, two)


@pytest.mark.parametrize("dimensions", [1, 2, 5])
def test_codes_without_labels_are_dots(dimensions):
    codes = RNG.normal(size=(20, dimensions)).astype(np.float16)
    (drawing,) = drawings("codes", arrays={"codes": codes})
    assert len(drawing.data) == 20
    assert "label" not in drawing.data
    assert "A dot per sample" in drawing.says


def test_a_confusion_matrix_has_every_count_and_its_share():
    counts = np.array([[8, 2], [1, 9]])
    (drawing,) = drawings("confusion", arrays={"counts": counts})
    assert {"8", "2", "1", "9", "true class", "class given"} <= set(texts(drawing))
    assert "17 of 20 right" in " ".join(texts(drawing))
    assert drawing.data["samples"].tolist() == [8, 2, 1, 9]
    assert "0: 80%" in drawing.says


def test_the_numbers_of_a_confusion_matrix_change_with_the_paper_that_its_cells_change_with():
    (drawing,) = drawings("confusion", arrays={"counts": np.array([[9, 7], [7, 9]])})
    with rc():
        plot = finish(drawing.figure, name="n", title="t", alt="a", data=pd.DataFrame(), points=True)
    cells = [e for e in ElementTree.fromstring(plot.image).iter() if e.text in ("9", "7")]
    assert len(cells) == 4
    for element in cells:
        (colour,) = re.findall(r"fill: (#[0-9a-f]{6})", element.get("style"))
        assert colour in THEME


@pytest.mark.slow
@pytest.mark.sample
@pytest.mark.parametrize("kind", ["images", "planar"])
def test_a_store_of_before_has_no_such_page_and_one_with_pictures_has_all(kind, make, draw_only, tmp_path):
    draw_only(*ABILITIES)
    few = {"gan": 2014, "nsgan": 2014}
    results = make(tmp_path / kind, variants=few, seeds=1, lost=False, kind=kind)

    def pages(trials):
        scores = results.scores[results.scores["trial"].isin(trials["trial"])]
        history = results.history[results.history["trial"].isin(trials["trial"])]
        out = tmp_path / f"{kind}-{len(trials)}"
        site.write(tidy(trials, scores, history), out, title="t", command="c")
        return [file.read_text() for file in out.glob("abilities--*.html")]

    assert pages(results.trials[results.trials["variant"] == "nsgan"]) == []
    (page,) = pages(results.trials)
    for heading in ("Samples of given classes", "Samples along codes", "Outputs beside inputs",
                    "Codes in the plane", "Clusters", "Confusion matrices"):  # fmt: skip
        assert heading in page
    assert "<b>code" not in page
