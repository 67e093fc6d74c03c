"""The grey tones of a slice, for the picture that one clicks on in a first draft."""

from __future__ import annotations

from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import BaseRoute, Route

from keramos.annotation.tools.tones import divide_into_tones
from keramos.apps.studio.studio import Studio
from keramos.core import Box
from keramos.core.errors import SettingsError

_MOST_TONES = 16


async def give_tones(request: Request) -> Response:
    """The tone of each voxel of slice `z`, 0 the darkest, as raw bytes, row by row; `?count=8&smooth=1` as the options
    of the tool."""
    studio: Studio = request.app.state.studio
    z, shape = request.path_params["z"], studio.images.shape
    try:
        count, smooth = int(request.query_params.get("count", "8")), float(request.query_params.get("smooth", "1"))
    except ValueError:
        raise SettingsError("count and smooth of the tones are numbers") from None
    if not (0 <= z < shape[0] and 2 <= count <= _MOST_TONES and 0 <= smooth <= 10):
        raise SettingsError(
            f"tones are those of a slice from 0 to {shape[0] - 1}, 2 to {_MOST_TONES}, smoothed by 0 to 10"
        )

    def divide() -> bytes:
        grey = studio.images.read(Box((z, 0, 0), (z + 1, *shape[1:])))[0]
        return divide_into_tones(grey, count, smooth).tobytes()

    tones = await studio.in_thread(divide)
    return Response(tones, media_type="application/octet-stream", headers={"X-Shape": f"{shape[1]},{shape[2]}"})


ROUTES: list[BaseRoute] = [Route("/api/tones/{z:int}", give_tones)]
