"""Bodies of requests, checked before anything is done with them."""

from __future__ import annotations

from typing import Any

from starlette.requests import Request

from keramos.apps.studio.messages import read_object


async def read_body(request: Request) -> dict[str, Any]:
    """The JSON object in the body of a request; empty for an empty body. SettingsError for anything else."""
    body = await request.body()
    return read_object(body, "the body of this request") if body else {}
