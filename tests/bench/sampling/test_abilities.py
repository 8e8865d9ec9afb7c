"""Pictures of abilities of a toy: classes, codes, reconstructions and clusters."""

from __future__ import annotations

import io
from collections.abc import Callable
from pathlib import Path
from types import SimpleNamespace

import pytest
import torch
from PIL import Image

from gan_bench.bench.common.errors import UsageError
from gan_bench.bench.sampling import abilities
from gan_bench.bench.sampling.latents import draw
from gan_bench.bench.sampling.request import Request
from tests.bench.abilities import able


def asked(picture: str, out: str = "a.png", **options: object) -> Request:
    fields = {"traverse": "number"} if picture == "traverse" else {picture: True}
    return Request("", Path(out), **fields, **options)  # type: ignore[arg-type]


@pytest.mark.parametrize(
    ("picture", "message"),
    [
        ("labels", "--labels: toy does not generate by label; these do: "),
        ("traverse", "--traverse: toy has no codes; its abilities: sample"),
        ("reconstruct", "--reconstruct: toy does not reconstruct; its abilities: sample"),
        ("cluster", "--cluster: toy does not cluster; its abilities: sample"),
    ],
)
def test_a_picture_of_an_ability_that_a_game_lacks_is_refused(
    toy: Callable[..., str], picture: str, message: str
) -> None:
    with pytest.raises(UsageError) as refused:
        abilities.picture(asked(picture), able.model(toy, able.Plain), able.POINTS, "toy")
    assert str(refused.value).startswith(message)
    assert "\n" not in str(refused.value)


def test_an_unknown_code_is_refused_with_the_nearest(toy: Callable[..., str]) -> None:
    request = Request("", Path("a.png"), traverse="numbr")
    with pytest.raises(UsageError, match="unknown code 'numbr' in --traverse; did you mean 'number'"):
        abilities.picture(request, able.model(toy), able.POINTS, "toy")


def test_pictures_of_abilities_are_those_of_the_seed(toy: Callable[..., str]) -> None:
    model = able.model(toy)
    rows = [
        abilities.picture(asked("labels", count=2, seed=seed), model, able.POINTS, "toy").arrays["rows"]
        for seed in (0, 1)
    ]
    assert rows[0].shape == rows[1].shape == (3, 2, 2)
    for seed, made in enumerate(rows):
        noise = draw(model.game.noise(), 2, seed)
        expected = 2 * noise["latent"] + 10.0 * torch.arange(3)[:, None, None] + 100 * noise["number"]
        assert made == pytest.approx((able.SCALE * expected + able.SHIFT).numpy(), rel=1e-4, abs=1e-3)


def test_reconstructions_stand_beside_test_rows(toy: Callable[..., str]) -> None:
    made = abilities.picture(asked("reconstruct", count=4), able.model(toy), able.POINTS, "toy").arrays
    points = able.POINTS.reference("test", 4).numpy()
    assert (made["given.real"] == points).all()
    assert made["made"] == pytest.approx(points + able.SCALE, abs=1e-4)


@pytest.mark.parametrize("picture", ["labels", "traverse", "reconstruct", "cluster"])
def test_points_have_a_plot(toy: Callable[..., str], picture: str) -> None:
    pictured = abilities.picture(asked(picture), able.model(toy), able.POINTS, "toy")
    trial = SimpleNamespace(variant="<toy>")
    content = abilities.png_of(pictured, trial, able.POINTS, "of a test")  # type: ignore[arg-type]
    with Image.open(io.BytesIO(content)) as image:
        assert image.width > 400


def test_two_pictures_are_refused() -> None:
    with pytest.raises(UsageError, match="--labels and --cluster are two pictures"):
        Request("", Path("a.png"), labels=True, cluster=True)
    with pytest.raises(UsageError, match="--class goes with samples, not with --cluster"):
        Request("", Path("a.png"), classes=(1,), cluster=True)
