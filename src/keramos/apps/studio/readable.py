"""Files that the page may have read: those in the folders that were opened, and no others."""

from __future__ import annotations

import glob
import os
from pathlib import Path
from typing import TYPE_CHECKING, Any

from keramos.core.errors import MissingFileError, SettingsError
from keramos.core.object_path import ObjectPath, as_path, is_address

if TYPE_CHECKING:
    from keramos.apps.studio.studio import Studio

_LONGEST = 4096


def find_readable(studio: Studio, given: Any) -> Path:
    """The path, links resolved, of a file, a folder, or a pattern of files that a page may have opened: inside the
    project, the folder of its stack, or the folder in which the studio was started.

    Raises:
        SettingsError: it is no path, or lies elsewhere.
        MissingFileError: nothing is there.
    """
    if not isinstance(given, str) or not given.strip() or len(given) > _LONGEST or not given.isprintable():
        raise SettingsError("path is the path of a file or a folder")
    path = as_path(given) if is_address(given) else Path(os.path.realpath(studio.started_in / given))
    if not _may_be_read(path, studio):
        raise SettingsError(
            f"only files in the folder of the project, of its stack, or {studio.started_in.name}, where the studio was "
            "started, can be opened here; start it there, or copy the file"
        )
    if not path.exists() and not _is_pattern(path, studio):
        raise MissingFileError(f"there is no file {Path(given).name} at that path")
    return path


def find_kept(studio: Studio, given: str) -> Path:
    """The path that a file of the project holds, seen from its folder, if a page may have it opened. Errors as
    `find_readable`."""
    return find_readable(studio, given if is_address(given) else os.path.realpath(studio.workspace.folder / given))


def _may_be_read(path: Path, studio: Studio) -> bool:
    """Whether a path lies in one of the folders; an address below that of the stack's folder, without a way up."""
    places = [root.parts for root in readable_folders(studio)]
    return ".." not in path.parts and any(path.parts[: len(place)] == place for place in places)


def _is_pattern(path: Path, studio: Studio) -> bool:
    """Whether a path is a pattern, such as `slices/*.tif`, of files that may be read."""
    if isinstance(path, ObjectPath) or not glob.has_magic(path.name) or not path.parent.is_dir():
        return False
    named = [each.resolve() for each in path.parent.glob(path.name)]
    return bool(named) and all(_may_be_read(each, studio) for each in named)


def readable_folders(studio: Studio) -> list[Path]:
    """The folders, links resolved, whose files may be read: where the studio was started, that of the stack, and the
    project."""
    stack = as_path(studio.images.name).resolve().parent
    return list(dict.fromkeys((studio.started_in.resolve(), stack, studio.workspace.folder.resolve())))
