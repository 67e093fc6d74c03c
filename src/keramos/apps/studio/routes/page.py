"""The files of the page."""

from __future__ import annotations

import mimetypes
from pathlib import Path

from starlette.requests import Request
from starlette.responses import FileResponse, Response
from starlette.routing import BaseRoute, Mount, Route
from starlette.staticfiles import StaticFiles

PAGE = Path(__file__).resolve().parents[1] / "page"
# Some systems say otherwise, and browsers run no module of another type.
mimetypes.add_type("text/javascript", ".js")
mimetypes.add_type("text/css", ".css")


async def give_page(_: Request) -> Response:
    """The page itself."""
    return FileResponse(PAGE / "index.html")


ROUTES: list[BaseRoute] = [Route("/", give_page), Mount("/", StaticFiles(directory=PAGE))]
