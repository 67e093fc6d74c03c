"""Other segmentations, truths and labels as layers over the stack."""

from __future__ import annotations

import asyncio
import re
from pathlib import Path

from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import BaseRoute, Route

from keramos.apps.studio.label_layers import COMPANIONS, open_layers
from keramos.apps.studio.layers import IMAGES, LABELS, Layer
from keramos.apps.studio.readable import find_readable
from keramos.apps.studio.requests import read_body
from keramos.apps.studio.scene import PROPOSAL
from keramos.apps.studio.stored_layers import MOST_LAYERS
from keramos.apps.studio.studio import Studio
from keramos.core.errors import SettingsError

_ONE_AT_A_TIME = asyncio.Lock()


async def open_file(request: Request) -> Response:
    """Show the labels at {"path"} as a layer, and their uncertainty and scores as others; the answer describes the
    first. A file that is shown already is read again, and stays one layer."""
    studio: Studio = request.app.state.studio
    path = find_readable(studio, (await read_body(request)).get("path"))
    async with _ONE_AT_A_TIME:
        return JSONResponse((await _show(path, studio)).to_json())


async def _show(path: Path, studio: Studio) -> Layer:
    files = ((layer, layer.path) for layer in studio.layers.values() if layer.kind == "labels")
    shown = next((layer for layer, file in files if file is not None and file.resolve() == path), None)
    if shown is not None and shown.name == PROPOSAL:
        return shown
    if shown is None and len(studio.layers) >= MOST_LAYERS:
        raise SettingsError(f"at most {MOST_LAYERS} layers can be open; close one first")
    name = _free_name(path, studio) if shown is None else shown.name
    layers = await studio.in_thread(open_layers, name, path.name, path, studio.images.shape, studio.cache)
    await studio.in_thread(studio.workspace.remember_layer, name, path)
    for layer in layers:
        studio.show_layer(layer)
    return layers[0]


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
    names = (stem, *(f"{stem}-{number}" for number in range(2, MOST_LAYERS + 2)))
    return next(name for name in names if name not in studio.layers)


ROUTES: list[BaseRoute] = [
    Route("/api/layers", open_file, methods=["POST"]),
    Route("/api/layers/{name}", close_layer, methods=["DELETE"]),
]
