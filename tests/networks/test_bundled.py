"""The bundled weights: small, described, and good on a phantom that they have not seen."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from keramos import evaluate, segment, train
from keramos.core import Box, LabelVolume, Volume
from keramos.networks import BUNDLED, load_bundled
from keramos.simulation import Phantom, PhantomSettings, PhantomStack, collect_slabs


@pytest.fixture(scope="module")
def phantom() -> Phantom:
    return collect_slabs(PhantomStack(PhantomSettings((8, 96, 128), severity=0.5, seed=987_654)))


def test_they_take_less_than_six_mebibytes() -> None:
    sizes = [file.stat().st_size for bundled in BUNDLED.values() for file in (bundled.stack, bundled.slice)]
    assert 0 < sum(sizes) < 6 * 2**20


def test_stacks_get_the_network_that_reads_neighbours_and_single_images_the_other() -> None:
    stack, single = (load_bundled("porous-solid", depth) for depth in (8, 1))
    assert stack is not None
    assert single is not None
    assert (stack.card.architecture, single.card.architecture) == ("compact-7", "compact")
    for card in (stack.card, single.card):
        assert card.licence == "BSD-3-Clause"
        assert card.phase_table.names == ("void", "solid")
        assert "simulated stacks only" in card.notes
    assert load_bundled("no such model", 8) is None


@pytest.mark.parametrize("slices", [8, 1])
def test_they_segment_a_phantom_they_have_not_seen(phantom: Phantom, slices: int, tmp_path: Path) -> None:
    box = Box((0, 0, 0), (slices, 96, 128))
    found = segment(phantom.images.crop(box), "porous-solid", out=tmp_path / "s.ome.zarr")
    scores = evaluate(found, phantom.shown.crop(box)).positive_scores
    assert scores.iou is not None
    assert scores.iou > 0.9


def test_grey_level_and_bit_depth_do_not_matter(phantom: Phantom, tmp_path: Path) -> None:
    grey = phantom.images.read()
    other = Volume.from_array((grey.astype(np.uint16) * 90 + 3000).astype(np.uint16), phantom.images.voxel_size)
    one = segment(Volume.from_array(grey, phantom.images.voxel_size), "porous-solid", out=tmp_path / "a.ome.zarr")
    two = segment(other, "porous-solid", out=tmp_path / "b.ome.zarr")
    assert np.mean(one.read() != two.read()) < 1e-3


def test_a_training_that_goes_on_from_them_still_adapts_to_each_stack(phantom: Phantom, tmp_path: Path) -> None:
    only = phantom.shown.crop(Box((4, 0, 0), (5, 96, 128))).read()
    labels = LabelVolume.from_array(only, phantom.shown.phases, phantom.images.voxel_size)
    more = {"crop": 32, "batch": 2, "augmentation": None}
    fitted = train(
        phantom.images, labels, slices=[4], out=tmp_path / "m.keramos", from_="porous-solid", budget=0.5, **more
    )
    assert fitted.card.normalisation is not None
    assert fitted.card.normalisation.scope == "stack"
    assert fitted.card.architecture == "compact-7"
