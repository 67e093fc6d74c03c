"""Files that the page may have read: those in the folders that were opened, and no others."""

from __future__ import annotations

import os
from pathlib import Path
from typing import Any

from keramos.apps.studio.studio import Studio
from keramos.core.errors import MissingFileError, SettingsError

_LONGEST = 4096


def find_readable(studio: Studio, given: Any) -> Path:
    """The path, links resolved, of a file or folder that a page may have opened: inside the project, the folder of its
    stack, or the folder in which the studio was started.

    Raises:
        SettingsError: it is no path, or lies elsewhere.
        MissingFileError: nothing is there.
    """
    if not isinstance(given, str) or not given.strip() or len(given) > _LONGEST or not given.isprintable():
        raise SettingsError("path is the path of a file or a folder")
    path = Path(os.path.realpath(studio.started_in / given))
    if not any(path.is_relative_to(root) for root in readable_folders(studio)):
        raise SettingsError(
            f"only files in the folder of the project, of its stack, or {studio.started_in.name}, where the studio was "
            "started, can be opened here; start it there, or copy the file"
        )
    if not path.exists():
        raise MissingFileError(f"there is no file {Path(given).name} at that path")
    return path


def readable_folders(studio: Studio) -> list[Path]:
    """The folders, links resolved, whose files may be read: where the studio was started, that of the stack, and the
    project."""
    stack = Path(studio.images.name).resolve().parent
    return list(dict.fromkeys((studio.started_in.resolve(), stack, studio.workspace.folder.resolve())))
