"""The folder of a project: the stack it is about, labels, models, runs, and a recipe that does the same again."""

from keramos.project.workspace.find import list_projects, open_project
from keramos.project.workspace.workspace import Workspace

__all__ = ["Workspace", "list_projects", "open_project"]
