"""Opening of a drawing whose journal is on disk, new or begun before."""

from __future__ import annotations

from pathlib import Path
from typing import Any
from uuid import uuid4

from keramos.annotation.drawing.drawing import Clock, Drawing, read_clock
from keramos.annotation.drawing.journal import JOURNAL, VERSION, Journal
from keramos.annotation.drawing.planes import LabelPlanes
from keramos.annotation.drawing.records import decode_row, encode_row
from keramos.annotation.drawing.state import DrawingState
from keramos.core import Phase, PhaseTable, Triple, triple
from keramos.core.errors import FormatError, LabelError, ShapeError
from keramos.core.files import translate_os_errors, write_bytes

_LONGEST_HEADER = 2**20


def open_drawing(
    path: str | Path,
    shape: Triple,
    phases: PhaseTable | None = None,
    *,
    stack: str = "",
    clock: Clock = read_clock,
) -> Drawing:
    """The drawing that a journal holds, as it was when it was last saved, with all that can be undone and redone; or a
    new one, where there is no journal yet. Its `history` is the `Journal`, whose `findings` say what was wrong with it.

    Args:
        path: the journal, such as `journal.jsonl`; a snapshot of the same name and `.snapshot` is kept beside it.
        shape: Z Y X of the stack.
        phases: of a new drawing; an earlier one has its own.
        stack: text that tells stacks apart, such as `identify_stack` makes.
        clock: tells the time of a change.

    Raises:
        FormatError: the file is no journal, or one by a later version.
        ShapeError: it is of a stack of another shape.
        LabelError: it is of another stack or other phases; no phases are given for a new drawing.
        StorageError: the disk refuses.

    Example:
        >>> from tempfile import TemporaryDirectory
        >>> from keramos.annotation.drawing import Edit, make_patches
        >>> import numpy as np
        >>> with TemporaryDirectory() as folder:
        ...     path, phases = Path(folder) / "journal.jsonl", PhaseTable.from_names(["void", "solid"])
        ...     drawing = open_drawing(path, (2, 3, 3), phases)
        ...     edit = drawing.make(Edit("brush", make_patches(1, drawing.plane(1), np.eye(3, dtype=bool), 1)))
        ...     open_drawing(path, (2, 3, 3)).counts()
        {1: 3}
    """
    path = Path(path)
    if not path.exists():
        if phases is None:
            raise LabelError(f"a new drawing needs its phases; there is no journal {path} yet")
        write_bytes(path, encode_row(_make_header(shape, phases, stack)))
    header, size = _read_header(path)
    _refuse_other(path, header, shape, phases, stack)
    journal, state = Journal(path, header, size), DrawingState(LabelPlanes(shape))
    for item in journal.load(shape):
        if isinstance(item, DrawingState):
            state = item
        else:
            state.advance(item, journal.read)
    journal.offer(state)
    return Drawing(shape, _read_phases(header), journal, state, clock)


def close_drawing(drawing: Drawing) -> None:
    """Save a snapshot of a drawing that has a journal, so that it opens fast the next time. Not needed for anything to
    be kept."""
    if isinstance(drawing.history, Journal):
        drawing.history.save_snapshot(drawing.state)


def _make_header(shape: Triple, phases: PhaseTable, stack: str) -> dict[str, Any]:
    rows = [{"name": phase.name, "colour": phase.colour} for phase in phases]
    table = {"phases": rows, "positive": phases.positive}
    return {JOURNAL: VERSION, "journal": uuid4().hex, "shape": list(shape), "phases": table, "stack": stack}


def _read_header(path: Path) -> tuple[dict[str, Any], int]:
    """The first line and its length. FormatError."""
    with translate_os_errors(path), path.open("rb") as file:
        line = file.readline(_LONGEST_HEADER)
    header = decode_row(line)
    if header is None or JOURNAL not in header:
        raise FormatError(
            f"{path} does not begin as a journal of a drawing does; put back a copy, or move it away to begin anew"
        )
    if header[JOURNAL] != VERSION:
        raise FormatError(f"{path} was written by a later version of Keramos; open it with that version")
    return header, len(line)


def _read_phases(header: dict[str, Any]) -> PhaseTable:
    table = header["phases"]
    return PhaseTable(tuple(Phase(row["name"], row["colour"]) for row in table["phases"]), table["positive"])


def _refuse_other(path: Path, header: dict[str, Any], shape: Triple, phases: PhaseTable | None, stack: str) -> None:
    own = triple(header["shape"])
    if own != shape:
        raise ShapeError(
            f"the drawing in {path} is of a stack of {own} voxels (z, y, x), not of {shape}; open that stack, or "
            "begin a drawing in another folder"
        )
    if stack and header["stack"] and stack != header["stack"]:
        raise LabelError(
            f"the drawing in {path} is of another stack of the same shape; open that stack, or begin a "
            "drawing in another folder"
        )
    names = _read_phases(header).names
    if phases is not None and phases.names != names:
        raise LabelError(
            f"the drawing in {path} has the phases {', '.join(names)}, not {', '.join(phases.names)}; begin a drawing "
            "in another folder for other phases"
        )
