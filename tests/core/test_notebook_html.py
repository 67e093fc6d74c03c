"""HTML of values for notebooks: escaped, with a small picture for which little is read."""

from __future__ import annotations

import base64
import io
import re
from dataclasses import dataclass, field
from typing import Any

import numpy as np
import pytest
from numpy.typing import NDArray
from PIL import Image

from keramos.core import Box, Finding, LabelVolume, Phase, PhaseTable, Quantity, Volume
from keramos.core.errors import PixelError
from keramos.core.volume_html import find_window
from keramos.measurements import Measured, Measurements

ATTACK = "<script>alert('x')</script>"


def picture_of(html: str) -> NDArray[np.uint8]:
    (data,) = re.findall(r"data:image/png;base64,([A-Za-z0-9+/=]+)", html)
    return np.asarray(Image.open(io.BytesIO(base64.b64decode(data))))


def test_labels_are_shown_in_the_colours_of_their_phases() -> None:
    codes = np.zeros((3, 4, 5), np.uint8)
    codes[1] = [[0, 1, 2, 255, 0]] * 4
    table = PhaseTable((Phase("pore", "#000000"), Phase("nickel", "#ff0000"), Phase("YSZ", "#0000ff")), 1)
    html = LabelVolume.from_array(codes, table, (20, 10, 10.5), "l.tif")._repr_html_()
    assert picture_of(html)[2].tolist() == [[0, 0, 0], [255, 0, 0], [0, 0, 255], [255, 255, 255], [0, 0, 0]]
    for text in ("slice 1", "3 x 4 x 5", "20 x 10 x 10.5 nm", "nickel", "#0000ff", "l.tif"):
        assert text in html


def test_grey_values_go_from_dark_to_bright() -> None:
    ramp = np.broadcast_to(np.linspace(1000, 3000, 200).astype(np.uint16), (1, 200, 200))
    shown = picture_of(Volume.from_array(ramp, name="ramp")._repr_html_())[100, :, 0].astype(int)
    assert shown[0] == 0
    assert shown[-1] == 255
    assert (np.diff(shown) >= 0).all()
    assert abs(shown[100] - 128) < 5


@pytest.mark.parametrize(
    "pixels",
    [np.array([[[False, True]]]), np.array([[[-3.0, 1.0]]])],
    ids=["bool", "float"],
)
def test_two_values_are_black_and_white(pixels: NDArray[Any]) -> None:
    assert picture_of(Volume.from_array(pixels)._repr_html_())[0, :, 0].tolist() == [0, 255]


@pytest.mark.filterwarnings("error")
@pytest.mark.parametrize(
    ("values", "shown"),
    [([np.nan, 2.0, 4.0, np.inf, -np.inf], [0, 0, 255, 255, 0]), ([np.nan, np.nan], [0, 0])],
    ids=["some", "none"],
)
def test_what_is_no_number_leaves_the_others_visible(values: list[float], shown: list[int]) -> None:
    assert picture_of(Volume.from_array(np.array([[values]]))._repr_html_())[0, :, 0].tolist() == shown


def test_text_of_files_is_escaped_everywhere() -> None:
    table = PhaseTable((Phase(ATTACK, "#000000"), Phase('"><script>', "#ffffff")), 1)
    finding = Finding("blank-slice", ATTACK, ATTACK, ATTACK)
    labels = LabelVolume.from_array(np.zeros((1, 2, 2), np.uint8), table, name=ATTACK)
    quantity = Quantity(1, ATTACK, ATTACK, domain=ATTACK)
    measured = Measurements((Measured("a", ATTACK, quantity, ATTACK),), notes=(ATTACK,))
    for value in (labels, finding, measured, quantity, Volume(labels.source, None, ATTACK)):
        assert "<script" not in value._repr_html_()


def test_quantities_have_their_intervals() -> None:
    quantity = Quantity(0.43212, "1/µm", "by hand", (0.41, 0.4599), segmentation=(0.5, 0.6))
    html = Measurements((Measured("s", "surface", quantity, "solid", "z"),))._repr_html_()
    cells = re.findall(r"<td[^>]*>(.*?)</td>", html)
    assert cells == ["solid", "surface", "z", "0.43212", "1/µm", "0.41 to 0.4599", "0.5 to 0.6", "whole volume"]


@dataclass(eq=False)
class Large:
    """Pixels of 10^12 voxels that count how many of them were decoded."""

    piece_shape: tuple[int, int, int]
    shape: tuple[int, int, int] = (10_000, 10_000, 10_000)
    dtype: Any = field(default_factory=lambda: np.dtype(np.uint8))
    decoded: int = 0

    def read(self, box: Box) -> NDArray[np.uint8]:
        pieces = [
            (stop - 1) // edge - start // edge + 1
            for start, stop, edge in zip(box.start, box.stop, self.piece_shape, strict=True)
        ]
        self.decoded += int(np.prod(pieces) * np.prod(self.piece_shape, dtype=np.int64))
        return np.zeros(box.shape, np.uint8)


@pytest.mark.parametrize("piece", [(64, 64, 64), (1, 256, 256), (16, 1000, 1000)])
def test_little_is_decoded_of_a_large_volume(piece: tuple[int, int, int]) -> None:
    source = Large(piece)
    html = Volume(source)._repr_html_()
    assert 0 < source.decoded <= 2**24
    assert "the middle" in html
    assert len(html) < 400_000


def test_a_piece_that_is_too_large_is_not_decoded() -> None:
    source = Large((1, 10_000, 10_000))
    assert "no picture" in Volume(source)._repr_html_()
    assert source.decoded == 0


def test_the_window_lies_in_the_middle() -> None:
    window = find_window((9, 4000, 8000), (1, 256, 256), most=2**20)
    assert window is not None
    assert window.start[0] == 4
    middle = [(a + b) / 2 for a, b in zip(window.start[1:], window.stop[1:], strict=True)]
    assert middle == [2000, 4000]


def test_pixels_that_cannot_be_read_are_a_sentence() -> None:
    class Damaged(Large):
        def read(self, box: Box) -> NDArray[np.uint8]:
            raise PixelError(f"the chunk is <damaged> in {box}")

    html = Volume(Damaged((1, 64, 64)))._repr_html_()
    assert "no picture: the chunk is &lt;damaged&gt; in" in html
    assert "10000 x 10000 x 10000" in html
