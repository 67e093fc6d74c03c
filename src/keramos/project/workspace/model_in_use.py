"""The model that a project works with."""

from __future__ import annotations

from keramos.core import VOID_SOLID
from keramos.core.errors import SettingsError
from keramos.project.assist import find_current_model
from keramos.project.workspace.phase_file import read_phases
from keramos.project.workspace.workspace import Workspace
from keramos.settings.bundled import POROUS_SOLID


def find_model_in_use(project: Workspace) -> str:
    """The file of the model that is in use in a project, or the name of the bundled weights.

    Raises:
        SettingsError: the bundled weights are in use, and the project has other phases than they know.
    """
    file = find_current_model(project.models)
    if file is not None:
        return str(file)
    phases = read_phases(project.phases)
    if phases is not None and phases.names != VOID_SOLID.names:
        raise SettingsError(
            f"expected a model in {project.models} for the phases {', '.join(phases.names)}, found none in use, and "
            f"the bundled weights know {' and '.join(VOID_SOLID.names)}; learn in the studio first, or name a model"
        )
    return POROUS_SOLID
