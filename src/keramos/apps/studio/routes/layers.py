"""Other segmentations, truths and labels as layers over the stack."""

from __future__ import annotations

import re
from pathlib import Path

from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import BaseRoute, Route

from keramos.apps.studio.label_layers import COMPANIONS, open_layers
from keramos.apps.studio.readable import find_readable
from keramos.apps.studio.requests import read_body
from keramos.apps.studio.studio import IMAGES, LABELS, Studio
from keramos.core.errors import SettingsError

_MOST_LAYERS = 24


async def open_file(request: Request) -> Response:
    """Show the labels at {"path"} as a layer, and their uncertainty and scores as others; the answer describes the
    first."""
    studio: Studio = request.app.state.studio
    given = (await read_body(request)).get("path")
    path = find_readable(studio, given)
    if len(studio.layers) >= _MOST_LAYERS:
        raise SettingsError(f"at most {_MOST_LAYERS} layers can be open; close one first")
    layers = await studio.in_thread(
        open_layers, _free_name(path, studio), path.name, path, studio.images.shape, studio.cache
    )
    studio.workspace.remember_layer(layers[0].name, path)
    for layer in layers:
        studio.show_layer(layer)
    return JSONResponse(layers[0].to_json())


async def close_layer(request: Request) -> Response:
    """Show a layer no more; the file stays."""
    studio: Studio = request.app.state.studio
    name = request.path_params["name"]
    if name in (IMAGES, LABELS):
        raise SettingsError("the stack and the labels are always shown")
    if not studio.drop_layer(name):
        raise HTTPException(404, "there is no layer of that name")
    for companion in COMPANIONS:
        studio.drop_layer(f"{name}-{companion}")
    studio.workspace.forget_layer(name)
    studio.broadcast({"type": "project"})
    return JSONResponse({"closed": name})


def _free_name(path: Path, studio: Studio) -> str:
    """A name for a layer that no other has, of letters, digits and hyphens."""
    stem = re.sub("[^a-z0-9]+", "-", path.name.lower()).strip("-")[:40] or "layer"
    names = (stem, *(f"{stem}-{number}" for number in range(2, _MOST_LAYERS + 2)))
    return next(name for name in names if name not in studio.layers)


ROUTES: list[BaseRoute] = [
    Route("/api/layers", open_file, methods=["POST"]),
    Route("/api/layers/{name}", close_layer, methods=["DELETE"]),
]
