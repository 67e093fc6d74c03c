"""Which slices a model learns from."""

from __future__ import annotations

import numpy as np
import pytest
from numpy.typing import NDArray

from keramos.core import NOT_ANNOTATED, VOID_SOLID, LabelVolume, PhaseTable, Volume, VoxelSize
from keramos.core.errors import LabelError, ShapeError, VoxelSizeError
from keramos.learning import AnnotatedSlice, AnnotatedSlices, collect_annotated

SIZE = VoxelSize(20, 26.4, 20.8)


def pair(
    seed: int = 0, slices: tuple[int, ...] = (1, 3), size: VoxelSize | None = SIZE, phases: PhaseTable = VOID_SOLID
) -> tuple[Volume, LabelVolume]:
    rng = np.random.default_rng(seed)
    codes: NDArray[np.uint8] = np.full((5, 20, 30), NOT_ANNOTATED, np.uint8)
    for z in slices:
        codes[z] = rng.integers(0, 2, (20, 30))
    grey = rng.integers(0, 255, codes.shape).astype(np.uint8)
    return Volume.from_array(grey, size, f"image{seed}"), LabelVolume.from_array(codes, phases, size, f"labels{seed}")


def test_only_slices_with_an_annotation_are_kept_with_their_pixels() -> None:
    volume, labels = pair()
    data = collect_annotated([(volume, labels), pair(7, (0,))])
    assert [(s.image, s.z) for s in data.slices] == [("image0", 1), ("image0", 3), ("image7", 0)]
    np.testing.assert_array_equal(data.slices[1].grey, volume.read()[3])
    np.testing.assert_array_equal(data.slices[1].codes, labels.read()[3])
    assert data.annotated_voxels == 3 * 20 * 30
    grey = np.concatenate([s.grey.ravel() for s in data.slices]).astype(float)
    assert data.mean_and_std() == (pytest.approx(grey.mean()), pytest.approx(grey.std()))


def test_only_keeps_those_asked_for() -> None:
    assert [s.z for s in collect_annotated([pair()], only=[3]).slices] == [3]
    with pytest.raises(LabelError, match="annotated voxels in slice 2 of labels0, found none"):
        collect_annotated([pair()], only=[2])
    with pytest.raises(LabelError, match="slices 0 to 4 of image0, found slice 5"):
        collect_annotated([pair()], only=[5])


def test_what_does_not_fit_is_refused() -> None:
    volume, labels = pair()
    with pytest.raises(LabelError, match="at least one image"):
        collect_annotated([])
    with pytest.raises(ShapeError, match=r"image's shape \(5, 20, 30\).*found \(4, 20, 30\)"):
        collect_annotated([(volume, LabelVolume.from_array(labels.read()[:4], VOID_SOLID))])
    with pytest.raises(LabelError, match="at least two phases among the labels, found none"):
        collect_annotated([pair(slices=())])
    with pytest.raises(LabelError, match="at least two phases among the labels, found void"):
        collect_annotated([(volume, LabelVolume.from_array(np.zeros((5, 20, 30), np.uint8), VOID_SOLID))])
    with pytest.raises(LabelError, match=r"same phases.*void, solid.*found pore, grain in labels1"):
        collect_annotated([pair(), pair(1, phases=PhaseTable.from_names(["pore", "grain"]))])
    with pytest.raises(
        VoxelSizeError, match=r"found 20 x 26.4 x 20.8 nm .* in image0 and 20 x 26.4 x 30 nm .* in image1"
    ):
        collect_annotated([pair(), pair(1, size=VoxelSize(20, 26.4, 30))])


def test_a_voxel_size_known_to_one_holds_for_all() -> None:
    assert collect_annotated([pair(size=None), pair(1)]).voxel_size == SIZE


def test_the_identity_changes_with_any_pixel_and_any_label() -> None:
    volume, labels = pair()
    first = collect_annotated([(volume, labels)]).sha256()
    assert collect_annotated([pair()]).sha256() == first
    for array in ("grey", "codes"):
        grey, codes = volume.read().copy(), labels.read().copy()
        (grey if array == "grey" else codes)[1, 0, 0] ^= 1
        changed = (Volume.from_array(grey, SIZE), LabelVolume.from_array(codes, VOID_SOLID, SIZE))
        assert collect_annotated([changed]).sha256() != first


def test_what_fits_in_no_memory_is_refused_and_shared_planes_count_once(monkeypatch: pytest.MonkeyPatch) -> None:
    bytes_needed = (5 + 2) * 20 * 30  # five planes are seen, the third by both slices; two slices of codes
    monkeypatch.setattr("keramos.learning.collection._MAX_BYTES", bytes_needed)
    assert len(collect_annotated([pair()], planes=3).slices) == 2
    monkeypatch.setattr("keramos.learning.collection._MAX_BYTES", bytes_needed - 1)
    with pytest.raises(LabelError, match="found more after 2 slices; name some of them with --slices"):
        collect_annotated([pair()], planes=3)


def test_slices_to_score_hold_the_positive_phase_where_any_does() -> None:
    grey = np.zeros((8, 8), np.uint8)

    def stack(*holding: int) -> AnnotatedSlices:
        codes = [np.full((8, 8), z in holding, np.uint8) for z in range(41)]
        return AnnotatedSlices(
            tuple(AnnotatedSlice(grey, one, "a", z) for z, one in enumerate(codes)), VOID_SOLID, SIZE
        )

    assert [item.z for item in stack(20).pick(16)] == [20]
    assert [item.z for item in stack(21).pick(16)] == list(range(0, 41, 3))
    assert [item.z for item in stack().pick(16)] == list(range(0, 41, 3))
    assert [item.z for item in stack(*range(41)).pick(41)] == list(range(41))
