"""The drawing of a project."""

from __future__ import annotations

from keramos.annotation.drawing import Drawing, open_drawing
from keramos.core import VOID_SOLID, Triple
from keramos.project.workspace.phase_file import read_phases
from keramos.project.workspace.workspace import Workspace


def open_project_drawing(workspace: Workspace, shape: Triple, stack: str = "") -> Drawing:
    """The drawing of a project for a stack of that shape, as it was last; a new one has void and solid.

    Raises:
        ShapeError: it is of a stack of another shape.
        LabelError: it is of a stack with another identity than `stack`.
        KeramosError: a journal that is none, or phases that are none.
    """
    phases = read_phases(workspace.phases)
    first = None if workspace.journal.exists() else phases or VOID_SOLID
    opened = open_drawing(workspace.journal, shape, first, stack=stack)
    if phases is None or (len(phases) < len(opened.phases) and opened.uses_phases_from(len(phases))):
        return opened
    # Phases may have been named anew, added, or removed, since the journal was begun.
    return Drawing(shape, phases, opened.history, opened.state)
