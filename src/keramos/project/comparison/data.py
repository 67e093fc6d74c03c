"""Data of a comparison: slices to learn from, slices to be tested on, and the stack."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from keramos.core import NOT_ANNOTATED, Finding, Volume, VoxelSize
from keramos.core.errors import LabelError, PixelError, SettingsError, VoxelSizeError
from keramos.io import source_fingerprint
from keramos.learning import AnnotatedSlice, AnnotatedSlices

_FAR = 10  # slices: nearer ones look alike


@dataclass(frozen=True, eq=False)
class ComparisonData:
    """Pixels of one kind of image: the same phases, voxels and grey values. `half_range` is half the greys' range.

    `train_z` and `test_z` say which slices of the stack (as in its file) the annotated ones are, where their files
    do not. `findings` are doubts about all of them, for the page.

    Raises:
        LabelError: the test labels have other phases, or the test is done on what was trained on.
        PixelError: grey values of another type.
        VoxelSizeError: voxel sizes more than 20 % apart, or a stack without one where the training images have one.
        SettingsError: slice numbers that the stack does not have, or not one for each slice.
    """

    train: AnnotatedSlices
    test: AnnotatedSlices
    half_range: float
    stack: Volume | None = None
    train_z: tuple[int, ...] = ()
    test_z: tuple[int, ...] = ()
    findings: tuple[Finding, ...] = ()

    def __post_init__(self) -> None:
        ours, theirs = self.train.phases, self.test.phases
        if ours.names != theirs.names or ours.positive != theirs.positive:
            raise LabelError(
                f"expected the phases {', '.join(ours.names)} of --labels in --test-labels too, found "
                f"{', '.join(theirs.names)} (or another positive phase); say which value is which phase with --phases"
            )
        for a in self.train.slices:
            for b in self.test.slices:
                if a.grey.shape == b.grey.shape and np.array_equal(a.grey, b.grey):
                    raise LabelError(
                        f"expected other slices to test on than to train on, found the same pixels in {a.image} and "
                        f"{b.image}; give another slice, far away in z"
                    )
        self._check_images()
        self._check_numbers()

    def _check_images(self) -> None:
        wanted = self.train.slices[0].grey.dtype
        found = [*(s.grey.dtype for s in self.test.slices), *([self.stack.dtype] if self.stack else [])]
        for dtype in found:
            if dtype != wanted:
                raise PixelError(
                    f"expected grey values of one type, {wanted} as in the training images, found {dtype} in the test "
                    "images or the stack; convert them alike"
                )
        sizes = [self.train.voxel_size, self.test.voxel_size, self.stack.voxel_size if self.stack else None]
        known = [size for size in sizes if size is not None]
        if any(not known[0].agrees_with(size) for size in known[1:]):
            raise VoxelSizeError(
                "expected training images, test images and stack with voxels within 20 % of each other, found "
                f"{', '.join(map(str, known))}; correct --voxel-size if the metadata are wrong"
            )
        if self.train.voxel_size is not None and self.stack is not None:
            self.stack.require_voxel_size()

    def _check_numbers(self) -> None:
        given = (*self.train_z, *self.test_z)
        if given and self.stack is None:
            raise SettingsError("expected --train-z and --test-z only with --stack, found no stack")
        for option, numbers, data in (("train", self.train_z, self.train), ("test", self.test_z, self.test)):
            if numbers and len(numbers) != len(data.slices):
                raise SettingsError(
                    f"expected one --{option}-z for each of the {len(data.slices)} annotated slice(s), found "
                    f"{len(numbers)}"
                )
        if self.stack is not None:
            first, depth = self.stack.origin[0], self.stack.shape[0]
            outside = [z for z in given if not first <= z < first + depth]
            if outside:
                raise SettingsError(
                    f"expected slices {first} to {first + depth - 1} of {self.stack.name} for --train-z and --test-z, "
                    f"found {outside[0]}"
                )

    def refuse_lonely_slices(self, deep: Sequence[str]) -> None:
        """LabelError for slices without neighbours, if there are methods (by title) that read these."""
        for words, data in (("train", self.train), ("test", self.test)):
            for item in data.slices if deep else ():
                if all(np.array_equal(plane, item.grey) for plane in item.seen):
                    raise LabelError(
                        f"expected a stack to {words} {' and '.join(deep)} on, found slice {item.z} of {item.image} "
                        "without neighbours; give the stack that it is of, or leave these methods out"
                    )

    @property
    def voxel_size(self) -> VoxelSize | None:
        sizes = (self.test.voxel_size, self.train.voxel_size, self.stack.voxel_size if self.stack else None)
        return next((size for size in sizes if size is not None), None)

    def list_annotated_slices(self) -> dict[str, tuple[tuple[int, float], ...]]:
        """For `training` and `test`, the annotated slices of the stack: their numbers and true fractions."""
        if self.stack is None:
            return {}
        source = source_fingerprint(self.stack)
        found = {}
        for name, data, given in (("training", self.train, self.train_z), ("test", self.test, self.test_z)):
            first, depth = self.stack.origin[0], self.stack.shape[0]
            own = {s.z: s for s in data.slices if s.source == source and first <= s.z < first + depth}
            numbers = dict(zip(given, data.slices, strict=True)) if given else own
            rows = tuple(sorted((z, _fraction(s, data.phases.positive)) for z, s in numbers.items()))
            if rows:
                found[name] = rows
        return found

    @property
    def nearness(self) -> str:
        """A sentence where a test slice lies close to a training slice (it is then segmented better than others are);
        empty where none is known to."""
        marks = self.list_annotated_slices()
        apart = [abs(a - b) for a, _ in marks.get("training", ()) for b, _ in marks.get("test", ())]
        apart += [abs(a.z - b.z) for a in self.train.slices for b in self.test.slices if a.source == b.source]
        near = min(apart, default=_FAR)
        if near >= _FAR:
            return ""
        where = "the same slice as" if near == 0 else f"only {near} slice(s) from"
        return (
            f"a test slice is {where} a training slice: the scores do not tell how well a method carries over along "
            "the stack"
        )


def _fraction(item: AnnotatedSlice, positive: int) -> float:
    known = item.codes != NOT_ANNOTATED
    return float(np.mean(item.codes[known] == positive))
