"""Decisions on places, kept in an append-only file, so that proofreading goes on where it stopped.

The first line says what the decisions are about. Each further line is a decision with its place and the voxels of it,
or takes the last one back; it has a checksum and is on the disk before the decision counts. A line that a killed
process left unfinished is cut off.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final, Literal, get_args
from zlib import error

from keramos.annotation.drawing.drawing import Clock, read_clock
from keramos.annotation.drawing.records import decode_row, encode_row
from keramos.annotation.proofreading.place import Place
from keramos.core import Finding, LabelVolume
from keramos.core.errors import FormatError, LabelError, SettingsError, ShapeError
from keramos.core.files import append_whole, make_folder, translate_os_errors

Choice = Literal["accept", "flip", "redraw", "ignore"]
"""The segmentation is right here; it is another phase; it is drawn by hand; nothing is said."""
CHOICES: tuple[Choice, ...] = get_args(Choice)
_HEAD: Final = "keramos-decisions"
_VERSION: Final = 1


@dataclass(frozen=True, eq=False)
class Decision:
    """A decision on a place: `to` is the phase of a flip, empty for other choices; `time` UTC, ISO 8601."""

    number: int
    place: Place
    choice: Choice
    to: str
    time: str

    def to_json(self) -> dict[str, Any]:
        """JSON values, without the voxels of the place."""
        row = {"number": self.number, "choice": self.choice, "to": self.to, "time": self.time}
        return row | {"place": self.place.to_json()}


class Decisions:
    """The decisions on places of one segmentation, in a file; `open_decisions` opens or makes it.

    Attributes:
        path: the file.
        findings: what was wrong with it when it was opened.
    """

    def __init__(self, path: Path, phases: tuple[str, ...], clock: Clock = read_clock) -> None:
        self.path, self._phases, self._clock = path, phases, clock
        self.findings: list[Finding] = []
        self._made: list[Decision] = []
        self._count, self._size = 0, 0

    @property
    def made(self) -> tuple[Decision, ...]:
        """The decisions that hold, in their order."""
        return tuple(self._made)

    def find(self, place_id: str) -> Decision | None:
        """The last decision on a place; None without one."""
        return next((row for row in reversed(self._made) if row.place.id == place_id), None)

    def select_open(self, places: Iterable[Place]) -> tuple[Place, ...]:
        """The places on which nothing was decided, in their order."""
        decided = {row.place.id for row in self._made}
        return tuple(place for place in places if place.id not in decided)

    def decide(self, place: Place, choice: str, to: str = "") -> Decision:
        """Keep a decision; it is on the disk when this returns. Arguments and errors as `prepare` and `keep`."""
        decision = self.prepare(place, choice, to)
        self.keep(decision)
        return decision

    def prepare(self, place: Place, choice: str, to: str = "") -> Decision:
        """The next decision, for `keep`.

        Args:
            place: the place.
            choice: accept, flip, redraw or ignore.
            to: the phase of a flip; the place's own proposal if it is empty.

        Raises:
            SettingsError: another choice; a flip to the phase that the place has.
            LabelError: a phase that there is not.
        """
        if choice not in CHOICES:
            raise SettingsError(f"a decision is one of {', '.join(CHOICES)}, not '{choice[:80]}'")
        to = (to or place.to) if choice == "flip" else ""
        if choice == "flip" and to not in self._phases:
            raise LabelError(f"there is no phase '{to[:80]}' to flip to; the phases are {', '.join(self._phases)}")
        if choice == "flip" and to == place.phase:
            raise SettingsError(f"the place is {to} already; accept it, or flip it to another phase")
        chosen = next(one for one in CHOICES if one == choice)
        return Decision(self._count + 1, place, chosen, to, self._clock())

    def keep(self, decision: Decision) -> None:
        """Keep the decision that was prepared last; it is on the disk when this returns. StorageError: the disk
        refuses; it does not count."""
        self._append(_encode(decision))
        self._made.append(decision)

    def take_back(self) -> Decision | None:
        """Take the last decision back; None if there is none. StorageError as `decide`."""
        if not self._made:
            return None
        last = self._made[-1]
        self._append({"number": self._count + 1, "back": last.number, "time": self._clock()})
        return self._made.pop()

    def _append(self, row: dict[str, Any]) -> None:
        line = encode_row(row)
        append_whole(self.path, line, size=self._size)
        self._size += len(line)
        self._count += 1

    def load(self, on_line: Callable[[dict[str, Any]], None]) -> None:
        """Read the file; `on_line` sees its first line."""
        damaged = 0
        with translate_os_errors(self.path), self.path.open("rb") as file:
            for number, line in enumerate(file):
                row = decode_row(line) if line.endswith(b"\n") else None
                if number == 0:
                    on_line(row or {})
                elif not line.endswith(b"\n"):
                    break
                else:
                    damaged += not self._take_in(row or {})
                self._size += len(line)
        if damaged:
            self.findings.append(
                Finding(
                    "damaged-decisions",
                    f"{damaged} lines of {self.path.name} are damaged",
                    "the decisions in them are lost; the others are kept",
                    "decide on these places again",
                )
            )

    def _take_in(self, row: dict[str, Any]) -> bool:
        """Go on by one line; whether it is whole."""
        try:
            self._count = max(self._count, int(row["number"]))
            if "back" in row:
                self._made = [one for one in self._made if one.number != row["back"]]
            else:
                self._made.append(_decode(row))
        except (KeyError, TypeError, ValueError, error):
            return False
        return True


def open_decisions(path: str | Path, labels: LabelVolume, *, clock: Clock = read_clock) -> Decisions:
    """The decisions on places of a segmentation, as they were when the last one was made; new ones where there is no
    such file yet.

    Raises:
        FormatError: the file holds no decisions, or those of a later version.
        ShapeError, LabelError: they are about a segmentation of another shape, or with other phases.
        StorageError: the disk refuses.
    """
    decisions = Decisions(Path(path), labels.phases.names, clock)
    head = {_HEAD: _VERSION, "shape": list(labels.shape), "phases": list(labels.phases.names)}
    if not decisions.path.exists():
        make_folder(decisions.path.parent)
        append_whole(decisions.path, encode_row(head), size=0)
    decisions.load(lambda row: _refuse_other(decisions.path, row, head))
    return decisions


def _refuse_other(path: Path, row: dict[str, Any], head: dict[str, Any]) -> None:
    if row.get(_HEAD) != _VERSION:
        raise FormatError(f"{path} holds no decisions that this version reads; move it away to begin anew")
    if row.get("shape") != head["shape"]:
        raise ShapeError(
            f"the decisions in {path} are about a segmentation of {row.get('shape')} voxels (z, y, x), not of "
            f"{head['shape']}; open that one, or move the file away"
        )
    if row.get("phases") != head["phases"]:
        raise LabelError(
            f"the decisions in {path} are about other phases ({', '.join(map(str, row.get('phases', [])))}); move the "
            "file away to begin anew"
        )


def _encode(decision: Decision) -> dict[str, Any]:
    return decision.to_json() | {"place": decision.place.to_json(with_mask=True)}


def _decode(row: dict[str, Any]) -> Decision:
    return Decision(int(row["number"]), Place.from_json(row["place"]), row["choice"], str(row["to"]), str(row["time"]))
