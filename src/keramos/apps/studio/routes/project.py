"""The project as the page reads it."""

from __future__ import annotations

from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import BaseRoute, Route


async def give_project(request: Request) -> Response:
    """Everything that the page needs at first."""
    return JSONResponse(request.app.state.studio.to_json())


ROUTES: list[BaseRoute] = [Route("/api/project", give_project)]
