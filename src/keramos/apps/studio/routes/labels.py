"""The labels as a whole: files taken into the drawing, the store that they are saved in, and the record of drawing."""

from __future__ import annotations

from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import BaseRoute, Route

from keramos.annotation.drawing import describe_record, make_record
from keramos.apps.studio.readable import find_readable
from keramos.apps.studio.requests import read_body
from keramos.apps.studio.studio import Studio
from keramos.core.errors import SettingsError
from keramos.io import open_labels


async def take_file(request: Request) -> Response:
    """Take the labels at {"path"} into the drawing: of the whole stack, or of the slice {"z"}; with {"keep": false} in
    place of labels that are there. The answer names the slices that they changed."""
    studio: Studio = request.app.state.studio
    body = await read_body(request)
    z, keep = body.get("z"), body.get("keep", True)
    if not isinstance(keep, bool) or (z is not None and (isinstance(z, bool) or not isinstance(z, int))):
        raise SettingsError("keep is true or false, and z the number of a slice")
    labels = await studio.in_thread(open_labels, find_readable(studio, body.get("path")))
    changed = await studio.in_hand(lambda: studio.editor.add_labels(labels, z, keep=keep))
    return JSONResponse({"slices": list(changed)})


async def save(request: Request) -> Response:
    """Write the labels into the label store of the project now."""
    studio: Studio = request.app.state.studio
    number, _ = await studio.save_labels()
    return JSONResponse({"number": number, "path": studio.workspace.labels.name})


async def give_record(request: Request) -> Response:
    """The record of drawing, and the same in sentences for a methods section."""
    studio: Studio = request.app.state.studio
    record = await studio.in_hand(lambda: make_record(studio.editor.drawing))
    return JSONResponse({**record, "text": describe_record(record)})


ROUTES: list[BaseRoute] = [
    Route("/api/labels", take_file, methods=["POST"]),
    Route("/api/labels/save", save, methods=["POST"]),
    Route("/api/labels/record", give_record),
]
