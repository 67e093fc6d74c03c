"""The script of the 3-D view, which the report and the page share."""

from __future__ import annotations

from importlib.resources import files

from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import BaseRoute, Route

# By way of the package's folder: importing keramos.reports would load what the server has no use for.
_SCRIPT = files("keramos") / "reports" / "templates" / "surface.js"


async def give_script(_: Request) -> Response:
    """The module that shows surfaces."""
    return Response(_SCRIPT.read_text("utf-8"), media_type="text/javascript", headers={"Cache-Control": "no-cache"})


ROUTES: list[BaseRoute] = [Route("/surface.js", give_script)]
