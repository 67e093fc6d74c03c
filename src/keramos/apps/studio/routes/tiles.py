"""Tiles of the planes of layers, as raw bytes."""

from __future__ import annotations

import numpy as np
from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import BaseRoute, Route

from keramos.apps.studio.layers import PLANES, TileAddress, read_tile
from keramos.apps.studio.studio import Studio

_KEEP = "private, max-age=3600, immutable"
_ASK = "private, no-cache"


async def give_tile(request: Request) -> Response:
    """The pixels of a tile, row by row: bytes, or two bytes a pixel, the lower one first.

    A tile that is asked for with the version of its layer (`?v=`) may be kept by the browser.
    """
    studio: Studio = request.app.state.studio
    address = TileAddress(**request.path_params)
    layer = studio.layers.get(address.layer)
    if layer is None or address.plane not in PLANES:
        raise HTTPException(404, "expected a layer and one of the planes xy, xz, yz, found another")
    version = layer.version
    tag = f'"{layer.key}-{version}"'
    keep = _KEEP if request.query_params.get("v") == str(version) else _ASK
    headers = {"ETag": tag, "Cache-Control": keep}
    if request.headers.get("if-none-match") == tag:
        return Response(status_code=304, headers=headers)
    pixels = await studio.in_thread(read_tile, layer, address)
    if pixels is None:
        raise HTTPException(404, "expected a tile inside the layer, found one outside")
    headers |= {"X-Shape": f"{pixels.shape[0]},{pixels.shape[1]}", "X-Type": pixels.dtype.name}
    little = pixels.astype(pixels.dtype.newbyteorder("<"), copy=False)
    return Response(np.ascontiguousarray(little).tobytes(), media_type="application/octet-stream", headers=headers)


_PATH = "/tiles/{layer}/{plane}/{level:int}/{index:int}/{row:int}/{column:int}"
ROUTES: list[BaseRoute] = [Route(_PATH, give_tile)]
