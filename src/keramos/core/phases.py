"""Phases of a material: the meaning of the codes in a label volume."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from keramos.core.errors import LabelError
from keramos.core.near_names import did_you_mean

NOT_ANNOTATED = 255
"""Code of an unannotated voxel everywhere inside Keramos; ignored in losses and scores."""

# Dark void, warm solid, then hues that stay apart in print and for colour-blind readers (Okabe and Ito 2008).
DEFAULT_COLOURS = ("#2b2d42", "#e69f00", "#56b4e9", "#009e73", "#cc79a7", "#d55e00", "#0072b2", "#f0e442")


@dataclass(frozen=True, slots=True)
class Phase:
    """A phase's name and its colour (`#rrggbb`)."""

    name: str
    colour: str

    @property
    def rgb(self) -> tuple[int, int, int]:
        red, green, blue = (int(self.colour[i : i + 2], 16) for i in (1, 3, 5))
        return (red, green, blue)


@dataclass(frozen=True, slots=True)
class PhaseTable:
    """Phases in the order of their codes 0, 1, 2, ...; `positive` is the code of the phase of interest.

    Raises:
        LabelError: fewer than two phases, more than 255, a name twice, or a positive code without a phase.

    Example:
        >>> table = PhaseTable.from_names(["pore", "nickel", "YSZ"], positive="nickel")
        >>> table.code("YSZ"), table.positive
        (2, 1)
    """

    phases: tuple[Phase, ...]
    positive: int

    def __post_init__(self) -> None:
        if not 2 <= len(self.phases) <= NOT_ANNOTATED:
            raise LabelError(f"expected 2 to {NOT_ANNOTATED} phases, found {len(self.phases)}")
        if len(set(self.names)) != len(self.phases):
            raise LabelError(f"expected a different name for each phase, found {', '.join(self.names)}")
        if not 0 <= self.positive < len(self.phases):
            raise LabelError(f"expected the positive phase's code below {len(self.phases)}, found {self.positive}")

    @classmethod
    def from_names(cls, names: Sequence[str], positive: str | None = None) -> PhaseTable:
        """A table with default colours; the positive phase is the last one unless named."""
        colours = [DEFAULT_COLOURS[i % len(DEFAULT_COLOURS)] for i in range(len(names))]
        table = cls(tuple(Phase(n, c) for n, c in zip(names, colours, strict=True)), len(names) - 1)
        return table if positive is None else cls(table.phases, table.code(positive))

    @property
    def names(self) -> tuple[str, ...]:
        return tuple(phase.name for phase in self.phases)

    def code(self, name: str) -> int:
        """Code of the phase called `name`; LabelError, listing the existing names, if there is none."""
        if name not in self.names:
            near = did_you_mean(str(name), self.names)
            raise LabelError(f"expected a phase named {' or '.join(self.names)}, found '{str(name)[:80]}'{near}")
        return self.names.index(name)

    def __len__(self) -> int:
        return len(self.phases)

    def __iter__(self) -> Iterator[Phase]:
        return iter(self.phases)


VOID_SOLID = PhaseTable.from_names(["void", "solid"])
"""The usual table for a porous ceramic: 0 is void, 1 is solid, and solid is the positive phase."""
