"""Phases: named, coloured and added from the page."""

from __future__ import annotations

from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import BaseRoute, Route

from keramos.apps.studio.layers import phases_to_json
from keramos.apps.studio.requests import read_body
from keramos.apps.studio.studio import Studio
from keramos.project.workspace import make_phases


async def change_phases(request: Request) -> Response:
    """Take {"phases": [{"name", "colour"}, ...], "positive": name}, in the order of the codes."""
    studio: Studio = request.app.state.studio
    content = await read_body(request)
    phases = make_phases(content.get("phases"), content.get("positive"))
    await studio.change_phases(phases)
    return JSONResponse({"phases": phases_to_json(phases)})


ROUTES: list[BaseRoute] = [Route("/api/phases", change_phases, methods=["POST"])]
