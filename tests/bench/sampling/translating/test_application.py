"""Single steps of `translate` on untrained games."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest
import torch

from gan_bench.bench.common.errors import UsageError
from gan_bench.bench.sampling.translating import tiles
from gan_bench.bench.sampling.translating.application import choose
from gan_bench.bench.sampling.translating.session import Images
from tests.bench.sampling.translating.untrained import asked, untrained, write


def test_a_domain_that_is_asked_for_is_read_beside_the_image():
    conv = {"family": "conv", "width": 4}
    with pytest.raises(UsageError, match=r"stargan needs --to LABEL, the target: a number from 0 to 2"):
        asked("stargan", "three-tints", conv)
    with pytest.raises(UsageError, match=r"--to 3: expected a number from 0 to 2"):
        asked("stargan", "three-tints", conv, label=3)
    one, other = (asked("stargan", "three-tints", conv, label=label) for label in (0, 1))
    x = one.probe(28)
    assert one(x).shape == (1, 3, 28, 28)
    assert not torch.equal(one(x), other(x))


def test_codes_are_neither_images_nor_classes():
    model, dataset = untrained("bigan", "digits", {"family": "mlp", "hidden": [8]})
    assert choose(model.abilities, dataset, None, "bigan") == "reconstruct"
    with pytest.raises(UsageError, match="unknown ability 'encode'"):
        choose(model.abilities, dataset, "encode", "bigan")


def test_an_image_too_large_for_a_network_without_tiles_is_refused_with_the_largest(tmp_path, monkeypatch):
    monkeypatch.setattr(tiles, "WHOLE", 2**20)
    able = asked("pixelda", "inverted-tinted-digits", {"family": "resnet", "width": 4, "blocks": 1})
    images = Images(able, None, None)
    photo = write(tmp_path / "photo.png", (500, 300))
    assert images.reach.margin is None
    with pytest.raises(
        UsageError, match=r"photo\.png has 500x300 pixels, .*whole image: [\d,]+ pixels \(\d+x\d+\)"
    ):
        images.check(photo)
    with pytest.raises(UsageError, match="tiles would show"):
        Images(able, None, 32).check(photo)


PHOTOGRAPH = """
import resource, sys, numpy as np, torch
from pathlib import Path
from gan_bench.bench.sampling.translating.files import save
from gan_bench.bench.sampling.translating.session import Images
from tests.bench.sampling.translating.untrained import asked, write
torch.set_num_threads(1)
able = asked({variant!r}, {data!r}, {architecture!r})
made, says = Images(able, None, None).translated(Path(sys.argv[1]))
save(made, Path(sys.argv[1]).with_name("made.png"))
print(made.shape, says, resource.getrusage(resource.RUSAGE_SELF).ru_maxrss)
"""


@pytest.mark.slow
@pytest.mark.parametrize(
    ("variant", "data", "architecture", "times"),
    [
        ("pix2pix-l1", "digit-outlines", {"family": "resnet", "width": 8, "blocks": 2, "norm": "batch"}, 1),
        ("srresnet", "photographs-x4", {"family": "srresnet", "width": 16, "blocks": 2}, 4),
    ],
)
def test_a_photograph_takes_less_than_two_gibibytes(tmp_path, variant, data, architecture, times):
    mode = "L" if data == "digit-outlines" else "RGB"
    photo = write(tmp_path / "photo.png", (2000, 1500), mode)
    program = PHOTOGRAPH.format(variant=variant, data=data, architecture=architecture)
    root = Path(__file__).parents[4]
    path = {"PYTHONPATH": f"{root / 'bench' / 'package'}:{root}"}
    done = subprocess.run(
        [sys.executable, "-c", program, str(photo)],
        cwd=root,
        env=path,
        capture_output=True,
        text=True,
        check=True,
    )
    print(done.stdout)
    *_, peak = done.stdout.split()
    assert f"{1500 * times}, {2000 * times}" in done.stdout
    assert "in tiles of" in done.stdout
    assert int(peak) * 1024 < 2 * 2**30
