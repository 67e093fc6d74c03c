"""Sentences of Keramos as napari shows them."""

from __future__ import annotations

import re
from collections.abc import Sequence

from keramos.apps.explanations import explain_error
from keramos.core import Finding, LabelVolume, Volume
from keramos.core.errors import KeramosError

_OPTION = re.compile(r"--([a-z][a-z0-9]*(?:-[a-z0-9]+)*)")


def say_note(text: str) -> None:
    """Show a sentence."""
    from napari.utils.notifications import show_info

    show_info(name_fields(text))


def say_finding(finding: Finding) -> None:
    """Show a finding: as a warning, unless it is a mere note."""
    from napari.utils.notifications import show_info, show_warning

    (show_info if finding.severity == "note" else show_warning)(name_fields(finding.text))


def say_findings(volumes: Sequence[Volume | LabelVolume]) -> None:
    """Show the doubts about what was opened, each once."""
    for finding in dict.fromkeys(finding for volume in volumes for finding in volume.findings):
        say_finding(finding)


def say_refusal(text: str) -> None:
    """Show why something was not done."""
    from napari.utils.notifications import show_error

    show_error(text)


def explain(error: BaseException) -> str:
    """The sentence of an error that a user can do something about."""
    if isinstance(error, KeramosError):
        return name_fields(explain_error(error))
    if isinstance(error, MemoryError):
        return "there is too little memory for this; ask for something smaller"
    if isinstance(error, OSError):
        where = f": {error.filename}" if error.filename else ""
        return f"a file could not be read or written ({error.strerror or error}{where}); check the path and the disk"
    raise error


def name_fields(text: str) -> str:
    """A sentence in which options are called as the fields of a form are.

    Example:
        >>> name_fields("found no voxel size; give --voxel-size Z Y X in nm")
        "found no voxel size; give 'Voxel size' Z Y X in nm"
    """
    return _OPTION.sub(lambda match: f"'{match[1].replace('-', ' ').capitalize()}'", text)
