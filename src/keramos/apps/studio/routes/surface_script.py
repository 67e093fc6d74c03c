"""The scripts of the 3-D view, which the report and the page share."""

from __future__ import annotations

from importlib.resources import files

from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import BaseRoute, Route

# By way of the package's folder: importing keramos.reports would load what the server has no use for.
_FOLDER = files("keramos") / "reports" / "templates"
_SCRIPTS = ("surface.js", "surface_labels.js", "surface_shaders.js", "surface_turning.js", "surface_unpacking.js")


async def give_script(request: Request) -> Response:
    """One of the modules that show surfaces."""
    script = (_FOLDER / request.url.path.removeprefix("/")).read_text("utf-8")
    return Response(script, media_type="text/javascript", headers={"Cache-Control": "no-cache"})


ROUTES: list[BaseRoute] = [Route(f"/{name}", give_script) for name in _SCRIPTS]
