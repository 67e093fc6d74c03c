"""Speckled and uncertain segmentations and slices of one phase are named, with what they do; good ones are not."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
from numpy.typing import NDArray
from scipy import ndimage

from keramos.core import VOID_SOLID, Box, Finding, LabelVolume, PhaseTable, VoxelSize
from keramos.inspection import run_checks, speckle
from keramos.io import create_uncertainty, open_labels, save_labels

Codes = NDArray[np.uint8]
SIZE = VoxelSize(20, 10, 10)


def body(shape: tuple[int, int, int] = (40, 60, 64)) -> Codes:
    """Blobs about ten voxels large."""
    smooth = ndimage.gaussian_filter(np.random.default_rng(3).standard_normal(shape), 5)
    return (smooth > np.quantile(smooth, 0.3)).astype(np.uint8)


def with_specks(codes: Codes, apart: int = 4) -> Codes:
    """Single voxels of the other phase in places that are all of one phase."""
    box = np.ones((3, 3, 3))
    inside = [ndimage.binary_erosion(codes == code, box, iterations=2) for code in (0, 1)]
    grid = np.zeros(codes.shape, bool)
    grid[1::apart, 1::apart, 1::apart] = True
    changed = codes.copy()
    changed[inside[0] & grid], changed[inside[1] & grid] = 1, 0
    return changed


def findings(codes: Codes, size: VoxelSize | None = SIZE) -> list[Finding]:
    return run_checks("result", LabelVolume.from_array(codes, VOID_SOLID, size))


def only(codes: Codes, kind: str) -> Finding:
    (finding,) = findings(codes)
    assert (finding.kind, finding.severity) == (kind, "warning")
    return finding


def test_a_clean_segmentation_has_none() -> None:
    assert findings(body()) == []
    assert findings(with_specks(body(), apart=12)) == []


def test_specks_are_counted_and_their_surface_is_told() -> None:
    noisy = with_specks(body())
    finding = only(noisy, "noisy-segmentation")
    sizes = [np.bincount(ndimage.label(noisy == code)[0].ravel())[1:] for code in (0, 1)]
    words = [f"{np.count_nonzero(of < 27):,} of {len(of):,} pieces of" for of in sizes]
    assert f"{words[0]} void and {words[1]} solid have fewer than 27 voxels" in finding.message
    with_them, without = (
        float(part.split(" /µm")[0]) for part in finding.effect.split("of solid: ")[1].split(" with them, ")
    )
    clean = body()
    faces = [sum(np.count_nonzero(np.diff(c.astype(int), axis=axis)) for axis in range(3)) for c in (noisy, clean)]
    assert with_them / without == pytest.approx(faces[0] / faces[1], rel=0.2)
    assert f"specks hold {100 * (1 - faces[1] / faces[0]):.0f} %" in finding.effect
    assert "--remove-specks" in finding.advice
    unsized = findings(noisy, None)
    assert "specific surface" not in unsized[0].effect


def test_a_phase_that_is_nowhere_or_in_specks_alone_has_no_surface_to_tell() -> None:
    three, codes = PhaseTable.from_names(["pore", "YSZ", "nickel"]), with_specks(body())
    (finding,) = run_checks("result", LabelVolume.from_array(codes, three, SIZE))
    assert "specific surface" not in finding.effect
    codes[body() != with_specks(body())] = 2
    (finding,) = run_checks("result", LabelVolume.from_array(codes, three, SIZE))
    assert "with them, 0 /µm without" in finding.effect


def test_unannotated_voxels_are_no_specks() -> None:
    codes = body()
    codes[with_specks(codes) != codes] = 255
    assert findings(codes) == []


def test_labels_with_any_names_and_with_255_phases_are_looked_at() -> None:
    named = PhaseTable.from_names(["not annotated", "others"])
    (finding,) = run_checks("result", LabelVolume.from_array(with_specks(body()), named, SIZE))
    assert "pieces of not annotated" in finding.message
    many = PhaseTable.from_names([str(code) for code in range(255)])
    codes = with_specks(body()) * np.uint8(254)
    codes[:3] = 255
    (finding,) = run_checks("result", LabelVolume.from_array(codes, many, SIZE))
    assert "pieces of 254 have" in finding.message
    every = np.arange(256, dtype=np.uint8).reshape(4, 8, 8)
    assert run_checks("result", LabelVolume.from_array(every, many, SIZE)) == []


def test_of_a_large_volume_a_few_boxes_are_looked_at(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(speckle, "_WHOLE", 2**15)
    monkeypatch.setattr(speckle, "_EDGE", 32)
    assert findings(body()) == []
    assert "of the volume)" in only(with_specks(body()), "noisy-segmentation").message


def test_slices_of_one_phase_that_cut_the_others() -> None:
    codes = body()
    codes[20], codes[30:32] = 0, 0
    finding = only(codes, "blank-slice")
    assert finding.slices == (20, 30, 31)
    assert "slices 20, 30-31 of the labels are void throughout" in finding.message
    stack = LabelVolume.from_array(np.concatenate([codes, codes]), VOID_SOLID, SIZE)
    (cropped,) = run_checks("result", stack.crop(Box((40, 0, 0), stack.shape)))
    assert (cropped.slices, cropped.message[:21]) == ((60, 70, 71), "slices 60, 70-71 of t")
    ends = body()
    ends[:3] = 1
    assert only(ends, "blank-slice").slices == (0, 1, 2)
    layers = np.ones((30, 40, 40), np.uint8)
    layers[12:18, :2, :2] = 0
    assert findings(layers) == []


@pytest.mark.parametrize(("unsure", "kinds"), [(20, []), (200, ["uncertain-segmentation"])])
def test_an_uncertain_segmentation(unsure: int, kinds: list[str], tmp_path: Path) -> None:
    codes, store = body((8, 48, 64)), tmp_path / "s.ome.zarr"
    save_labels(store, LabelVolume.from_array(codes, VOID_SOLID, SIZE), name="segmentation")
    field = np.zeros(codes.shape, np.uint8)
    field[:, :, :16] = unsure  # a quarter of it
    field[:, 20] = 255  # the rim of an outline
    writer = create_uncertainty(store, codes.shape, voxel_size=SIZE)
    writer.write(Box.whole(codes.shape), field)
    made = run_checks("result", open_labels(store))
    assert [finding.kind for finding in made] == kinds
    assert all("uncertain of 25 % of the voxels" in finding.message for finding in made)
    cropped = run_checks("result", open_labels(store).crop(Box((3, 0, 0), codes.shape)))
    assert [finding.slices for finding in cropped] == [(3,)] * len(kinds)
    assert all("of slice 3)" in finding.message for finding in cropped)
