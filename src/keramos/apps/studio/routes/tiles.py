"""Tiles of the planes of layers, as raw bytes."""

from __future__ import annotations

import re
from collections.abc import Mapping

import numpy as np
from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import BaseRoute, Route

from keramos.apps.studio.layers import PLANES, TileAddress
from keramos.apps.studio.studio import Studio

_KEEP = "private, max-age=3600, immutable"
_ASK = "private, no-cache"
_NUMBER = re.compile("[0-9]{1,9}")


async def give_tile(request: Request) -> Response:
    """The pixels of a tile, row by row: bytes, or two bytes a pixel, the lower one first.

    A tile that is asked for with the version of its layer (`?v=`) may be kept by the browser.
    """
    studio: Studio = request.app.state.studio
    address = _read_address(request.path_params)
    layer = studio.layers.get(address.layer)
    if layer is None:
        raise HTTPException(404, "expected one of the layers that are open, found another")
    if address.plane not in layer.planes:
        raise HTTPException(404, f"the {address.plane} plane can be shown when the copy of the stack is made")
    version = layer.version
    tag = f'"{layer.key}-{version}"'
    keep = _KEEP if request.query_params.get("v") == str(version) else _ASK
    headers = {"ETag": tag, "Cache-Control": keep}
    if request.headers.get("if-none-match") == tag:
        return Response(status_code=304, headers=headers)
    pixels = await studio.read_tile(layer, address)
    if pixels is None:
        raise HTTPException(404, "expected a tile inside the layer, found one outside")
    headers |= {"X-Shape": f"{pixels.shape[0]},{pixels.shape[1]}", "X-Type": pixels.dtype.name}
    little = pixels.astype(pixels.dtype.newbyteorder("<"), copy=False)
    return Response(np.ascontiguousarray(little).tobytes(), media_type="application/octet-stream", headers=headers)


def _read_address(given: Mapping[str, str]) -> TileAddress:
    """The tile that a path names. HTTPException (404) where it names none."""
    numbers = [given[name] for name in ("level", "index", "row", "column")]
    if given["plane"] not in PLANES or not all(_NUMBER.fullmatch(number) for number in numbers):
        raise HTTPException(404, "expected one of the planes xy, xz, yz and the place of a tile, found others")
    return TileAddress(given["layer"], given["plane"], *map(int, numbers))


_PATH = "/tiles/{layer}/{plane}/{level}/{index}/{row}/{column}"
ROUTES: list[BaseRoute] = [Route(_PATH, give_tile)]
