"""The folder of a project: the stack it is about, labels, models, runs, and a recipe that does the same again."""

from keramos.project.workspace.drawn_labels import open_project_drawing
from keramos.project.workspace.find import list_projects, open_project
from keramos.project.workspace.model_in_use import find_model_in_use
from keramos.project.workspace.phase_file import make_phases, read_phases, write_phases
from keramos.project.workspace.stack_copy import is_fast, make_copy, needs_copy, open_copy
from keramos.project.workspace.workspace import Workspace

__all__ = [
    "Workspace",
    "find_model_in_use",
    "is_fast",
    "list_projects",
    "make_copy",
    "make_phases",
    "needs_copy",
    "open_copy",
    "open_project",
    "open_project_drawing",
    "read_phases",
    "write_phases",
]
