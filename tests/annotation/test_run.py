"""Where a network is planted to be unsure, there the suggestion points; and the slice's number is the file's."""

from __future__ import annotations

import json
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from numpy.typing import NDArray
from PIL import Image

from keramos.annotation import prepare_network, suggest_next
from keramos.annotation.survey import SliceViewer
from keramos.blocks import Block
from keramos.core import VOID_SOLID, Box, PhaseTable, Volume, VoxelSize, parse_box
from keramos.core.errors import SettingsError, ShapeError, VoxelSizeError
from keramos.core.progress import Progress, Reporter
from keramos.networks import Signature
from keramos.project.suggestion_picture import draw_suggestions
from keramos.segmenters import Otsu, Segmenter
from keramos.settings.suggest import SuggestionOptions

SHAPE = (30, 90, 110)
SIZE = VoxelSize(20, 26.4, 20.8)
PATCH = Box((12, 50, 60), (15, 70, 85))
"""The network is unsure of the void of this box."""


@dataclass(frozen=True)
class Planted(Segmenter):
    """Sure by grey value, but not of voxels of grey 100 ... 155, which it takes for either."""

    phases: PhaseTable = VOID_SOLID
    signature: Signature = field(default_factory=lambda: Signature(voxel_size=SIZE, stride=(1, 8, 8), halo=(0, 16, 16)))
    name: str = "planted"

    def scores(self, pixels: NDArray[Any], block: Block) -> NDArray[np.float32]:
        grey = pixels[block.core_in_read.slices]
        solid = np.select([grey < 100, grey > 155], [0.01, 0.99], 0.5).astype(np.float32)
        return np.stack([1 - solid, solid])

    def identity(self) -> str:
        return "planted"


@pytest.fixture(scope="module")
def stack() -> Volume:
    rng = np.random.default_rng(0)
    grey = np.where(rng.random(SHAPE) < 0.3, 20, 220).astype(np.uint8)
    grey[PATCH.slices] = 128
    return Volume.from_array(grey, SIZE, "stack.tif")


def test_it_points_at_what_the_network_does_not_know(stack: Volume) -> None:
    found = suggest_next(stack, Planted(), annotated=[2], settings=SuggestionOptions(edge=40))
    (first,) = found.suggestions
    region = parse_box(first.box, SHAPE)
    assert region.shape == (1, 40, 40)
    assert 12 <= first.z < 15
    assert region.contains(Box((first.z, *PATCH.start[1:]), (first.z + 1, *PATCH.stop[1:])))
    assert first.unsure_share == pytest.approx(20 * 25 / 1600)
    assert first.slices_away == first.z - 2
    assert "31 % of the region is uncertain, outlines excluded" in first.why
    assert f"{first.z - 2} slices from the nearest annotated slice" in first.why
    assert found.looked_at == tuple(range(30))
    assert found.mean_uncertainty[13] > found.mean_uncertainty[5] + 0.02
    assert json.loads(json.dumps(found.to_json(), allow_nan=False))["annotated"] == [2]


def test_a_region_of_the_stack_is_numbered_as_the_file(stack: Volume) -> None:
    cut = stack.crop(Box((10, 30, 20), (30, 90, 110)))
    (first,) = suggest_next(cut, Planted(), annotated=[29], settings=SuggestionOptions(edge=40)).suggestions
    region = parse_box(first.box, SHAPE)
    assert 12 <= first.z < 15
    assert region.contains(Box((first.z, *PATCH.start[1:]), (first.z + 1, *PATCH.stop[1:])))
    assert first.nearest == 29


def test_every_nth_slice_and_several_suggestions(stack: Volume) -> None:
    settings = SuggestionOptions(count=3, edge=40, every=6)
    found = suggest_next(stack, Planted(), settings=settings)
    assert found.looked_at == (2, 8, 14, 20, 26)
    assert found.suggestions[0].z == 14
    assert "no slice of this stack is known to be annotated" in found.suggestions[0].why
    assert len({row.z for row in found.suggestions}) == 3
    assert "from the nearest suggested slice" in found.suggestions[1].why


def test_little_time_means_fewer_slices_but_eight(stack: Volume) -> None:
    found = suggest_next(stack, Planted(), settings=SuggestionOptions(edge=40, seconds=0.0))
    assert found.looked_at == tuple(range(1, 30, 4))


def test_tiles_make_the_same_map(stack: Volume, monkeypatch: pytest.MonkeyPatch) -> None:
    whole = SliceViewer(stack, Planted()).unsure(13)
    monkeypatch.setattr("keramos.annotation.survey._TILE_BYTES", 128 * 64 * 64)
    tiled = SliceViewer(stack, Planted())
    assert tiled._plan.grid == (30, 2, 2)
    np.testing.assert_array_equal(tiled.unsure(13), whole)


def test_progress_is_told_slice_by_slice(stack: Volume) -> None:
    said: list[tuple[int, int]] = []

    class Counts(Reporter):
        def progress(self, task: str, unit: str = "block") -> Progress:  # noqa: ARG002
            return lambda done, total: said.append((done, total))

    suggest_next(stack, Planted(), settings=SuggestionOptions(every=10), reporter=Counts())
    assert said == [(1, 3), (2, 3), (3, 3)]


def test_what_makes_no_sense_is_said(stack: Volume) -> None:
    with pytest.raises(SettingsError, match="suggestions need a trained network; otsu is a threshold"):
        prepare_network(stack, Otsu(), Reporter())
    with pytest.raises(ShapeError, match=r"annotated slices from 0 to 29 of stack.tif, found 30"):
        suggest_next(stack, Planted(), annotated=[30])
    with pytest.raises(VoxelSizeError, match="within 20 %"):
        prepare_network(Volume.from_array(stack.read(), VoxelSize(20, 40, 40)), Planted(), Reporter())
    with pytest.raises(SettingsError, match="count: expected at least 1, found 0"):
        SuggestionOptions(count=0)


def test_the_picture_is_drawn(stack: Volume, tmp_path: Path) -> None:
    found = suggest_next(stack, Planted(), settings=SuggestionOptions(count=2, edge=40, every=5))
    draw_suggestions(stack, Planted(), found, tmp_path / "next.png")
    assert np.asarray(Image.open(tmp_path / "next.png")).std() > 0
