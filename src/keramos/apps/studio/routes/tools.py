"""The drawing tools, with their options."""

from __future__ import annotations

from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import BaseRoute, Route

from keramos.annotation.drawing import describe_tools


async def give_tools(_: Request) -> Response:
    """Name, title, help and options of each tool; the page makes its forms from them."""
    return JSONResponse(describe_tools())


ROUTES: list[BaseRoute] = [Route("/api/tools", give_tools)]
