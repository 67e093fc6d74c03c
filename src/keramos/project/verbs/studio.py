"""Open the project of a stack, for the studio."""

from __future__ import annotations

from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from keramos.core import Volume
from keramos.core.progress import Reporter, report_findings
from keramos.project.verb import verb
from keramos.project.workspace import Workspace, list_projects, open_project
from keramos.settings.studio import StudioSettings


@dataclass(frozen=True)
class StudioResult:
    """The project that was opened, with its stack; or, where none was asked for, those in the current folder."""

    workspace: Workspace | None = None
    images: Volume | None = None
    projects: list[Workspace] = field(default_factory=list)

    def to_json(self) -> dict[str, Any]:
        """JSON values: the name of the project, or of those that there are."""
        if self.workspace is None:
            return {"projects": [project.name for project in self.projects]}
        return {"project": self.workspace.name}


@verb(StudioSettings)
def studio(settings: StudioSettings, reporter: Reporter) -> StudioResult:
    """Make or open the folder of a project. The command goes on to show it in a browser.

    Raises:
        KeramosError: no such stack, one that cannot be opened, or a folder that cannot be written.
    """
    if settings.stack is None and settings.project is None:
        return StudioResult(projects=list_projects(Path()))
    workspace, images = open_project(settings)
    report_findings(images.findings, reporter)
    return StudioResult(workspace, images)
