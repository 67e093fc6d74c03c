"""The slice browser's pictures: what a script decodes is what lies in the volume, and it all stays small."""

from __future__ import annotations

import base64
import io
import json
import re
from collections.abc import Callable
from dataclasses import replace
from typing import Any

import numpy as np
import pytest
from numpy.typing import NDArray
from PIL import Image

from keramos.core import VOID_SOLID, Box, LabelVolume, PhaseTable, Triple, Volume, VoxelSize
from keramos.reports import MethodResult, ReportContent
from keramos.reports.browser import slice_browser
from keramos.reports.browser.view import View
from keramos.scoring.overlay import FALSE_NEGATIVE, FALSE_POSITIVE

Pixels = NDArray[np.uint8]


class ScoresInMemory:
    phases = VOID_SOLID

    def __init__(self, solid: Pixels) -> None:
        self._solid = solid

    @property
    def shape(self) -> Triple:
        z, y, x = self._solid.shape
        return z, y, x

    def read(self, box: Box) -> Pixels:
        part = self._solid[box.slices]
        return np.stack([255 - part, part])


def data_of(page: str, name: str = "slice-browser") -> dict[str, Any]:
    found = re.search(rf'<script type="application/json" id="{name}-data">(.*?)</script>', page, re.DOTALL)
    assert found is not None
    loaded: dict[str, Any] = json.loads(found[1])
    return loaded


def tile(data: dict[str, Any], sprites: list[str], at: int) -> Pixels:
    """A slice cut out of its sprite, as the script does it."""
    image = Image.open(io.BytesIO(base64.b64decode(sprites[at // data["perSprite"]].split(",")[1], validate=True)))
    top = at % data["perSprite"] * data["tile"]
    return np.asarray(image.convert("RGBA"))[top : top + data["height"], : data["width"]]


@pytest.fixture
def smooth() -> Pixels:
    """Twenty slices that differ in brightness, of 30 rows: not a multiple of JPEG's blocks."""
    z, y, x = np.meshgrid(np.arange(20), np.arange(30), np.arange(44), indexing="ij")
    return (6 * z + 2 * y + x).astype(np.uint8)


def test_grey_sprites_give_back_each_slice(smooth: Pixels) -> None:
    data = slice_browser(ReportContent("t", Volume.from_array(smooth))).data
    assert list(data["slices"]) == list(range(20))
    low, high = np.percentile(smooth[np.linspace(0, 19, 8).astype(int)], [0.5, 99.5])
    for at in range(20):
        expected = np.clip((smooth[at].astype(float) - low) / (high - low), 0, 1) * 255
        found = tile(data, data["grey"], at)[..., 0].astype(float)
        assert np.abs(found - expected).mean() < 2
        assert np.abs(found - expected).max() < 16


def test_labels_errors_and_truth_are_exact(content: ReportContent, page: str, truth: Pixels) -> None:
    data = data_of(page)
    names = ["Close", "Close: errors", "Wide", "Wide: errors", "Truth"]
    assert [layer["name"] for layer in data["layers"]] == names, "the best method comes first"
    layers = {layer["name"]: layer for layer in data["layers"]}
    wide = content.methods[0].labels.read()
    for at in range(4):
        labels = tile(data, layers["Wide"]["sprites"], at)
        for code, phase in enumerate(VOID_SOLID):
            assert (labels[wide[at] == code] == (*phase.rgb, 255)).all()
        errors = tile(data, layers["Wide: errors"]["sprites"], at)
        wrong = wide[at] != truth[at]
        assert (errors[wrong] == (*FALSE_POSITIVE, 255)).all()
        assert (errors[~wrong][:, 3] == 0).all(), "the image shows where the method is right"
    assert [meaning for _, meaning in layers["Wide: errors"]["legend"]] == [
        "void taken for solid (false positive)",
        "solid missed (false negative)",
    ]


def test_missed_and_unknown_voxels(truth: Pixels) -> None:
    labels, known = np.zeros_like(truth), truth.copy()
    known[:, :16] = 255
    content = ReportContent(
        "t",
        Volume.from_array(truth),
        LabelVolume.from_array(known, VOID_SOLID),
        methods=(MethodResult("M", LabelVolume.from_array(labels, VOID_SOLID)),),
    )
    data = slice_browser(content).data
    errors, true = (tile(data, data["layers"][i]["sprites"], 2) for i in (1, 2))
    missed = known[2] == 1
    assert (errors[missed] == (*FALSE_NEGATIVE, 255)).all()
    assert (errors[~missed][:, 3] == 0).all()
    assert (true[:16, :, 3] == 0).all(), "clear where nobody annotated"


def test_scores_are_shown_in_steps_of_their_palette(truth: Pixels) -> None:
    scores = np.zeros_like(truth)
    scores[:, :, 20:40], scores[:, :, 40:] = 128, 255
    labels = LabelVolume.from_array(truth, VOID_SOLID)
    method = MethodResult("Net", labels, scores=ScoresInMemory(scores))
    data = slice_browser(ReportContent("t", Volume.from_array(truth), methods=(method,))).data
    layer = data["layers"][1]
    assert layer["name"] == "Net: scores"
    picture = tile(data, layer["sprites"], 0)
    colours = ["#{:02x}{:02x}{:02x}".format(*picture[0, x, :3]) for x in (0, 63)]
    assert colours == [layer["legend"][0][0], layer["legend"][2][0]]
    assert len(np.unique(picture.reshape(-1, 4), axis=0)) == 3


def test_pixels_are_merged_by_mean_and_by_majority() -> None:
    view = View.of((1, 4, 6), 48, 3)
    assert (view.merged, view.height, view.width) == ((2, 2), 2, 3)
    codes = np.array([[0, 0, 1, 1, 2, 2], [0, 1, 1, 1, 2, 2], [2, 2, 0, 0, 1, 0], [2, 0, 0, 0, 0, 1]], np.uint8)
    np.testing.assert_array_equal(view.most_frequent(codes), [[0, 1, 2], [2, 0, 0]])
    np.testing.assert_allclose(view.mean(codes), [[0.25, 1, 2], [1.5, 0, 0.5]])


def test_few_evenly_spaced_slices_of_a_deep_stack_with_both_ends() -> None:
    view = View.of((1000, 10, 10), 48, 512)
    assert len(view.slices) == 48
    assert (view.slices[0], view.slices[-1]) == (0, 999)
    assert set(np.diff(view.slices)) <= {21, 22}


def test_the_pictures_keep_to_the_budget() -> None:
    noise = np.random.default_rng(0).integers(0, 255, (60, 200, 300), np.uint8)
    labels = LabelVolume.from_array((noise > 127).astype(np.uint8), VOID_SOLID)
    content = ReportContent("t", Volume.from_array(noise), methods=(MethodResult("M", labels),))
    for budget in (300_000, 900_000):
        browser = slice_browser(content, budget)
        taken = sum(
            len(uri)
            for sprites in [browser.data["grey"], *(x["sprites"] for x in browser.data["layers"])]
            for uri in sprites
        )
        assert budget / 8 < taken <= budget


def test_a_pixel_is_as_wide_and_high_as_in_the_specimen(truth: Pixels) -> None:
    data = slice_browser(ReportContent("t", Volume.from_array(truth, VoxelSize(50, 20, 10)))).data
    assert data["aspect"] == 1.0, "32 rows of 20 nm, 64 columns of 10 nm"
    assert data["bar"] == {"share": round(100 / 640, 6), "text": "100\u00a0nm"}
    assert data["where"][2] == "slice 2 of 0–3, z = 100\u00a0nm"
    unsized = slice_browser(ReportContent("t", Volume.from_array(truth))).data
    assert (unsized["aspect"], unsized["bar"], unsized["where"][2]) == (2.0, None, "slice 2 of 0–3")


def test_hostile_names_stay_text_in_the_data(content: ReportContent, page_of: Callable[[ReportContent], str]) -> None:
    evil = "</script><script>alert(1)</script><!-- & \u2028\udcff"
    phases = PhaseTable.from_names(["void", evil])
    labels = LabelVolume.from_array(content.methods[0].labels.read(), phases)
    page = page_of(replace(content, truth=None, methods=(MethodResult(evil, labels),)))
    raw = re.search(r'id="slice-browser-data">(.*?)</script>', page, re.DOTALL)
    assert raw is not None
    assert not set("<>&") & set(raw[1])
    layer = data_of(page)["layers"][0]
    shown = evil.replace("\udcff", "?")
    assert (layer["name"], layer["legend"][1][1]) == (shown, shown)
    assert "<script>alert" not in page
