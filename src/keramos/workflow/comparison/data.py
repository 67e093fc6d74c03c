"""What a comparison is made on: slices to learn from, slices to be tested on, and the stack."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from keramos.data import AnnotatedSlice, AnnotatedSlices
from keramos.errors import LabelError, SettingsError, VoxelSizeError
from keramos.progress import Reporter
from keramos.store import source_fingerprint
from keramos.volume import NOT_ANNOTATED, Volume, VoxelSize

_FAR = 10  # slices: nearer ones look alike


@dataclass(frozen=True, eq=False)
class ComparisonData:
    """Pixels of one kind of image: the same phases, voxels and grey values. `half_range` is half the greys' range.

    `train_z` and `test_z` say which slices of the stack (as in its file) the annotated ones are, where their files
    do not.

    Raises:
        LabelError: the test labels have other phases, or the test is done on what was trained on.
        VoxelSizeError: voxel sizes more than 20 % apart.
        SettingsError: slice numbers that the stack does not have.
    """

    train: AnnotatedSlices
    test: AnnotatedSlices
    half_range: float
    stack: Volume | None = None
    train_z: tuple[int, ...] = ()
    test_z: tuple[int, ...] = ()

    def __post_init__(self) -> None:
        ours, theirs = self.train.phases.names, self.test.phases.names
        if ours != theirs:
            raise LabelError(
                f"expected the phases {', '.join(ours)} of --labels in --test-labels too, found {', '.join(theirs)}; "
                "say which value is which phase with --phases"
            )
        for a in self.train.slices:
            for b in self.test.slices:
                if a.grey.shape == b.grey.shape and np.array_equal(a.grey, b.grey):
                    raise LabelError(
                        f"expected other slices to test on than to train on, found the same pixels in {a.image} and "
                        f"{b.image}; give another slice, far away in z"
                    )
        sizes = [self.train.voxel_size, self.test.voxel_size, self.stack.voxel_size if self.stack else None]
        known = [size for size in sizes if size is not None]
        if any(not known[0].agrees_with(size) for size in known[1:]):
            raise VoxelSizeError(
                "expected training images, test images and stack with voxels within 20 % of each other, found "
                f"{', '.join(map(str, known))}; correct --voxel-size if the metadata are wrong"
            )
        self._check_numbers()

    def _check_numbers(self) -> None:
        given = (*self.train_z, *self.test_z)
        if given and self.stack is None:
            raise SettingsError("expected --train-z and --test-z only with --stack, found no stack")
        if self.stack is not None:
            first, depth = self.stack.origin[0], self.stack.shape[0]
            outside = [z for z in given if not first <= z < first + depth]
            if outside:
                raise SettingsError(
                    f"expected slices {first} to {first + depth - 1} of {self.stack.name} for --train-z and --test-z, "
                    f"found {outside[0]}"
                )

    @property
    def voxel_size(self) -> VoxelSize | None:
        sizes = (self.test.voxel_size, self.train.voxel_size, self.stack.voxel_size if self.stack else None)
        return next((size for size in sizes if size is not None), None)

    def annotated(self) -> dict[str, tuple[tuple[int, float], ...]]:
        """For `training` and `test`, the annotated slices of the stack: their numbers and true fractions."""
        if self.stack is None:
            return {}
        source = source_fingerprint(self.stack)
        found = {}
        for name, data, given in (("training", self.train, self.train_z), ("test", self.test, self.test_z)):
            pairs = zip(data.slices, given, strict=False)
            numbers = {s.z: s for s in data.slices if s.source == source} | {z: s for s, z in pairs}
            rows = tuple(sorted((z, _fraction(s, data.phases.positive)) for z, s in numbers.items()))
            if rows:
                found[name] = rows
        return found

    def note_neighbours(self, reporter: Reporter) -> None:
        """Say so where a test slice lies close to a training slice: its score is then better than elsewhere."""
        known = self.annotated()
        near = min((abs(a - b) for a, _ in known.get("training", ()) for b, _ in known.get("test", ())), default=_FAR)
        if near < _FAR:
            reporter.note(
                f"a test slice is only {near} slices from a training slice: the scores do not tell how well a method "
                "carries over along the stack"
            )


def _fraction(item: AnnotatedSlice, positive: int) -> float:
    known = item.codes != NOT_ANNOTATED
    return float(np.mean(item.codes[known] == positive))
