"""Other segmentations, truths and labels as layers over the stack."""

from __future__ import annotations

import os
import re
from pathlib import Path
from typing import Any

from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import BaseRoute, Route

from keramos.apps.studio.label_layers import open_layer
from keramos.apps.studio.requests import read_body
from keramos.apps.studio.studio import IMAGES, LABELS, Studio
from keramos.core.errors import MissingFileError, SettingsError

_MOST_LAYERS = 24


async def open_file(request: Request) -> Response:
    """Show the labels at {"path"} as a layer; the answer describes it."""
    studio: Studio = request.app.state.studio
    given = (await read_body(request)).get("path")
    path = find_readable(studio, given)
    if len(studio.layers) >= _MOST_LAYERS:
        raise SettingsError(f"at most {_MOST_LAYERS} layers can be open; close one first")
    layer = await studio.in_thread(
        open_layer, _free_name(path, studio), path.name, path, studio.images.shape, studio.cache
    )
    studio.show_layer(layer)
    return JSONResponse(layer.to_json())


async def close_layer(request: Request) -> Response:
    """Show a layer no more; the file stays."""
    studio: Studio = request.app.state.studio
    name = request.path_params["name"]
    if name in (IMAGES, LABELS):
        raise SettingsError("the stack and the labels are always shown")
    if not studio.drop_layer(name):
        raise HTTPException(404, "there is no layer of that name")
    studio.broadcast({"type": "project"})
    return JSONResponse({"closed": name})


def find_readable(studio: Studio, given: Any) -> Path:
    """The path, links resolved, of a file or folder that a page may have opened: inside the project, the folder of its
    stack, or the folder in which the studio was started.

    Raises:
        SettingsError: it is no path, or lies elsewhere.
        MissingFileError: nothing is there.
    """
    if not isinstance(given, str) or not given.strip() or len(given) > 4096 or not given.isprintable():
        raise SettingsError("path is the path of a file or a folder")
    home = studio.workspace.folder.resolve()
    stack = Path(studio.images.name).resolve().parent
    roots = (home, stack, studio.started_in)
    path = Path(os.path.realpath(studio.started_in / given))
    if not any(path.is_relative_to(root) for root in roots):
        raise SettingsError(
            f"only files in the folder of the project, of its stack, or {studio.started_in.name}, where the studio was "
            "started, can be opened here; start it there, or copy the file"
        )
    if not path.exists():
        raise MissingFileError(f"there is no file {Path(given).name} at that path")
    return path


def _free_name(path: Path, studio: Studio) -> str:
    """A name for a layer that no other has, of letters, digits and hyphens."""
    stem = re.sub("[^a-z0-9]+", "-", path.name.lower()).strip("-")[:40] or "layer"
    names = (stem, *(f"{stem}-{number}" for number in range(2, _MOST_LAYERS + 2)))
    return next(name for name in names if name not in studio.layers)


ROUTES: list[BaseRoute] = [
    Route("/api/layers", open_file, methods=["POST"]),
    Route("/api/layers/{name}", close_layer, methods=["DELETE"]),
]
