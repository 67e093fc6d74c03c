"""Bodies of requests, checked before anything is done with them."""

from __future__ import annotations

from typing import Any

from starlette.requests import Request

from keramos.apps.studio.messages import read_object
from keramos.apps.studio.studio import Studio


async def read_change(request: Request) -> dict[str, Any]:
    """The body of a request that changes what is drawn or decided. SettingsError if a page asks it that looks on; a
    program that is no page may."""
    studio: Studio = request.app.state.studio
    studio.pages.refuse_looking_on(request.headers.get("x-page"))
    return await read_body(request)


async def read_body(request: Request) -> dict[str, Any]:
    """The JSON object in the body of a request; empty for an empty body. SettingsError for anything else."""
    body = await request.body()
    return read_object(body, "the body of this request") if body else {}
