"""Surfaces of layers in 3-D, made by a worker process."""

from __future__ import annotations

import asyncio
import json
import sys
from typing import Any

from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import BaseRoute, Route

from keramos.apps.studio.studio import Studio
from keramos.core.errors import LabelError, MissingFileError

_WORKER = "keramos.apps.studio.workers.surface"
_ONE_AT_A_TIME = asyncio.Lock()


async def give_surface(request: Request) -> Response:
    """The surfaces of `?layer=NAME` as the script of the 3-D view reads them."""
    studio: Studio = request.app.state.studio
    layer = studio.layers.get(request.query_params.get("layer", ""))
    if layer is None or layer.kind != "labels":
        raise MissingFileError("there is no layer of labels by that name")
    if layer.path is None:
        raise LabelError("the labels are drawn on single slices; a surface needs a proposal or a segmentation")
    size = studio.images.voxel_size
    order = {"path": str(layer.path), "title": layer.title, "voxel_size": None if size is None else list(size.zyx)}
    async with _ONE_AT_A_TIME:
        answer = await _ask_worker(order)
    return JSONResponse(answer, 400 if "error" in answer else 200)


async def _ask_worker(order: dict[str, Any]) -> dict[str, Any]:
    pipe = asyncio.subprocess.PIPE
    worker = await asyncio.create_subprocess_exec(
        sys.executable, "-m", _WORKER, stdin=pipe, stdout=pipe, stderr=asyncio.subprocess.DEVNULL
    )
    try:
        said, _ = await worker.communicate(json.dumps(order).encode())
    finally:
        if worker.returncode is None:  # the studio closes, or nobody waits any more
            worker.kill()
    try:
        answer: dict[str, Any] = json.loads(said)
    except ValueError:
        return {"error": "the surface could not be made: its process ended early; there may be too little memory"}
    return answer


ROUTES: list[BaseRoute] = [Route("/api/surface", give_surface)]
