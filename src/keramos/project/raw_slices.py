"""Raw slices, and the numbers of those that labels were drawn on."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from keramos.core import LabelVolume, Triple, triple
from keramos.core.errors import LabelError, ShapeError
from keramos.io.sources import files_behind


@dataclass(frozen=True)
class RawSlices:
    """The slices of a raw stack, as labels may be of them.

    Attributes:
        shape: of the stack (z, y, x), as it is in its file.
        bar: rows of the information bar at the lower edge, which labels need not have.
        names: of slices by their numbers in the stack.
    """

    shape: Triple
    bar: int
    names: Mapping[int, str]

    @classmethod
    def of(cls, facts: Mapping[str, Any]) -> RawSlices:
        """The slices that a volume was prepared from, by its facts."""
        names = dict(zip(facts["raw_slices"], facts["slices"], strict=True))
        return cls(triple(facts["raw"]["shape"]), int(facts["bar_rows"]), names)

    def number(self, labels: LabelVolume, slices: Sequence[int] | None) -> dict[int, int]:
        """The place in labels of each raw slice that they are of: of all slices, of those with these numbers, or of
        those with the names of their files.

        Raises:
            LabelError: nothing says which slices they are of, or one of them is not in the stack or given twice.
            ShapeError: rows or columns of another number than those of a raw slice.
        """
        depth, *size = labels.shape
        _, height, width = self.shape
        if tuple(size) not in ((height, width), (height - self.bar, width)):
            without = f", or {height - self.bar} x {width} without the information bar" if self.bar else ""
            raise ShapeError(
                f"expected labels of whole raw slices, {height} x {width} pixels (y, x){without}, found {size[0]} x "
                f"{size[1]} in {labels.name}"
            )
        if slices is None and depth == self.shape[0]:
            return {z: z for z in range(depth)}
        numbers = self._numbers_by_name(labels) if slices is None else tuple(slices)
        if len(numbers) != depth:
            raise LabelError(
                f"expected the numbers of the raw slices (from 0 on) that the {depth} slice(s) of {labels.name} are "
                f"of, found {len(numbers) or 'none'}; give them with --slices"
            )
        self._refuse(numbers, labels.name)
        return {z: own for own, z in enumerate(numbers)}

    def _numbers_by_name(self, labels: LabelVolume) -> tuple[int, ...]:
        """The numbers of the slices that have the names of the files of labels but for the suffix; empty where one has
        none."""
        files = files_behind(labels.source)
        numbers = {Path(name).stem: z for z, name in self.names.items()}
        is_known = len(files) == labels.shape[0] and all(file.stem in numbers for file in files)
        return tuple(numbers[file.stem] for file in files) if is_known else ()

    def _refuse(self, numbers: Sequence[int], name: str) -> None:
        twice = [z for z, count in Counter(numbers).items() if count > 1]
        if twice:
            raise LabelError(f"expected another raw slice for each slice of {name}, found {twice[0]} twice")
        outside = [z for z in numbers if not 0 <= z < self.shape[0]]
        if outside:
            raise LabelError(
                f"expected numbers of raw slices from 0 to {self.shape[0] - 1}, found {outside[0]}; see which ones "
                f"{name} is of"
            )
