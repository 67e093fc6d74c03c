"""Phases: named, coloured and added from the page."""

from __future__ import annotations

from typing import Any

from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import BaseRoute, Route

from keramos.apps.studio.layers import phases_to_json
from keramos.apps.studio.requests import read_body
from keramos.apps.studio.studio import Studio
from keramos.project.workspace import make_phases


async def change_phases(request: Request) -> Response:
    """Take {"phases": [{"name", "colour"}, ...], "positive": name}, in the order of the codes. Where phases are
    removed, the "code" that each had before tells which are left; a new one has none."""
    studio: Studio = request.app.state.studio
    content = await read_body(request)
    phases = make_phases(content.get("phases"), content.get("positive"))
    await studio.change_phases(phases, _count_kept(content["phases"]))
    return JSONResponse({"phases": phases_to_json(phases)})


def _count_kept(rows: list[dict[str, Any]]) -> int:
    """The number of the first phases whose codes stay."""
    if not any("code" in row for row in rows):
        return len(rows)
    return next((place for place, row in enumerate(rows) if row.get("code") != place), len(rows))


ROUTES: list[BaseRoute] = [Route("/api/phases", change_phases, methods=["POST"])]
