"""Files and folders that can be opened, for choosing one in the page."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import BaseRoute, Route

from keramos.apps.studio.readable import find_readable, readable_folders
from keramos.apps.studio.studio import Studio
from keramos.core.errors import SettingsError
from keramos.core.files import translate_os_errors
from keramos.io import is_zarr

_MOST = 2000


async def list_files(request: Request) -> Response:
    """The content of the folder `?path=`, and the folders to begin with."""
    studio: Studio = request.app.state.studio
    folder = find_readable(studio, request.query_params.get("path", "."))
    return JSONResponse(await studio.in_thread(_list_folder, folder, readable_folders(studio)))


def _list_folder(folder: Path, roots: list[Path]) -> dict[str, Any]:
    if not folder.is_dir():
        raise SettingsError(f"{folder.name} is no folder")
    with translate_os_errors(folder):
        entries = sorted(folder.iterdir(), key=lambda path: path.name.lower())
    shown = [path for path in entries if not path.name.startswith(".")]
    above = folder.parent if any(folder != root and folder.is_relative_to(root) for root in roots) else None
    return {
        "folder": str(folder),
        "above": None if above is None else str(above),
        "roots": [str(root) for root in roots],
        "entries": [_describe(path) for path in shown[:_MOST]],
    }


def _describe(path: Path) -> dict[str, Any]:
    kind = "store" if is_zarr(path) else "folder" if path.is_dir() else "file"
    return {"name": path.name, "path": str(path), "kind": kind}


ROUTES: list[BaseRoute] = [Route("/api/files", list_files)]
