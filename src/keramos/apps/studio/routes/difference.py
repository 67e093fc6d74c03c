"""The differences of two layers: a layer of its own, counts, and places to go to."""

from __future__ import annotations

from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import BaseRoute, Route

from keramos.apps.studio.difference_desk import DifferenceDesk
from keramos.apps.studio.layers import LABELS
from keramos.apps.studio.requests import read_body
from keramos.apps.studio.studio import Studio
from keramos.core.errors import SettingsError


async def give_difference(request: Request) -> Response:
    """The comparison as it is now."""
    return JSONResponse(request.app.state.studio.part(DifferenceDesk).to_json())


async def compare(request: Request) -> Response:
    """Compare the layers {"first"} and {"second"}; the pages are told how far it is, and what came of it."""
    studio: Studio = request.app.state.studio
    body = await read_body(request)
    names = [body.get(name) for name in ("first", "second")]
    if not all(isinstance(name, str) and len(name) < 200 for name in names):
        raise SettingsError("first and second are the names of layers")
    if LABELS in names:
        await studio.save_labels()
    desk = studio.part(DifferenceDesk)
    await studio.in_thread(desk.compare, *names)
    return JSONResponse(desk.to_json())


ROUTES: list[BaseRoute] = [
    Route("/api/difference", give_difference),
    Route("/api/difference", compare, methods=["POST"]),
]
