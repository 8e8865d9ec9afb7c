"""Image files of every kind: what is read, and what is refused by name of the file."""

from __future__ import annotations

import struct
import zlib
from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from gan_bench.datasets import DatasetError
from gan_bench.datasets.image_files import SUFFIXES, image_files, read_image

GREY = np.arange(24, dtype=np.uint8).reshape(4, 6)
COLOUR = np.stack((GREY, GREY + 100, 255 - GREY), 2)
DEEP = np.full((4, 6, 4), 300, ">u2")


def deep_png(channels: int) -> bytes:
    """Return a PNG file of 16 bits a channel, which Pillow reads and cannot write."""

    def chunk(kind: bytes, content: bytes) -> bytes:
        crc = struct.pack(">I", zlib.crc32(kind + content))
        return struct.pack(">I", len(content)) + kind + content + crc

    kind = {1: 0, 2: 4, 3: 2, 4: 6}[channels]
    rows = b"".join(b"\0" + row.tobytes() for row in DEEP[..., :channels])
    parts = {
        b"IHDR": struct.pack(">IIBBBBB", 6, 4, 16, kind, 0, 0, 0),
        b"IDAT": zlib.compress(rows),
        b"IEND": b"",
    }
    return b"\x89PNG\r\n\x1a\n" + b"".join(chunk(*part) for part in parts.items())


@pytest.mark.parametrize("channels", [1, 2, 3, 4])
def test_a_png_of_16_bits_is_refused(tmp_path: Path, channels: int) -> None:
    (tmp_path / "deep.png").write_bytes(deep_png(channels))
    with pytest.raises(DatasetError, match=r"deep\.png has more than 8 bits a channel"):
        read_image(tmp_path / "deep.png")


def test_a_ppm_of_16_bits_is_refused_and_one_of_8_is_read(tmp_path: Path) -> None:
    (tmp_path / "deep.ppm").write_bytes(b"P6 6 4 65535\n" + DEEP[..., :3].tobytes())
    with pytest.raises(DatasetError, match=r"deep\.ppm has more than 8 bits a channel"):
        read_image(tmp_path / "deep.ppm")
    (tmp_path / "plain.ppm").write_bytes(b"P6 6 4 255\n" + COLOUR.tobytes())
    assert np.array_equal(read_image(tmp_path / "plain.ppm"), COLOUR.transpose(2, 0, 1))


@pytest.mark.parametrize("suffix", ["png", "tif", "webp"])
def test_a_file_of_several_images_is_refused(tmp_path: Path, suffix: str) -> None:
    first, second = (Image.fromarray(pixels) for pixels in (COLOUR, COLOUR[::-1]))
    first.save(tmp_path / f"film.{suffix}", save_all=True, append_images=[second])
    with pytest.raises(DatasetError, match=rf"film\.{suffix} holds 2 images: save each in a file of its own"):
        read_image(tmp_path / f"film.{suffix}")


def test_a_turned_photograph_is_set_upright(tmp_path: Path) -> None:
    turned = Image.Exif()
    turned[0x0112] = 6  # the camera was turned by a quarter: the first row is the right-hand side
    Image.fromarray(COLOUR).save(tmp_path / "turned.png", exif=turned)
    assert np.array_equal(read_image(tmp_path / "turned.png"), np.rot90(COLOUR, -1).transpose(2, 0, 1))


@pytest.mark.parametrize(
    ("mode", "suffix", "channels"),
    [("1", "png", 1), ("L", "png", 1), ("LA", "png", 1), ("P", "png", 3), ("RGBA", "png", 3),
     ("CMYK", "jpg", 3), ("RGB", "bmp", 3), ("YCbCr", "jpg", 3)],
)  # fmt: skip
def test_images_of_8_bits_are_grey_or_have_three_channels(tmp_path, mode, suffix, channels) -> None:
    Image.fromarray(COLOUR).convert(mode).save(tmp_path / f"image.{suffix}")
    image = read_image(tmp_path / f"image.{suffix}")
    assert (image.shape, image.dtype) == ((channels, 4, 6), np.uint8)


def test_an_image_of_too_many_pixels_is_refused(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    Image.fromarray(COLOUR).save(tmp_path / "large.png")
    monkeypatch.setattr(Image, "MAX_IMAGE_PIXELS", 10)
    with pytest.raises(DatasetError, match=r"damaged image .*large\.png: .*decompression bomb"):
        read_image(tmp_path / "large.png")


def test_other_files_of_a_folder_are_left_aside_and_a_link_to_nothing_is_an_error(tmp_path: Path) -> None:
    for name in ("2.png", "10.jpg", ".hidden.png", "film.gif", "labels.txt"):
        (tmp_path / name).write_bytes(b"")
    (tmp_path / "folder.png").mkdir()
    assert [path.name for path in image_files(tmp_path)] == ["2.png", "10.jpg"]
    (tmp_path / "11.png").symlink_to(tmp_path / "gone.png")
    with pytest.raises(DatasetError, match=r"11\.png is a link to a file that is not there"):
        image_files(tmp_path)


def test_the_page_on_own_data_names_the_files_that_are_read() -> None:
    page = " ".join(Path("docs/own-things.md").read_text().split())
    *most, last = (f"`{suffix}`" for suffix in SUFFIXES)
    assert f"Read are files that end in {', '.join(most)} and {last}" in page
