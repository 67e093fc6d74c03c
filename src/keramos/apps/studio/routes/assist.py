"""Learning beside the person who draws: proposals, trainings, models, and places to draw next."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import BaseRoute, Route

from keramos.apps.studio.beside import Beside
from keramos.apps.studio.difference_layers import show_model_difference
from keramos.apps.studio.requests import read_body
from keramos.apps.studio.studio import Studio
from keramos.core.errors import SettingsError

_LONGEST_S = 3600.0


async def give_status(request: Request) -> Response:
    """The models with their scores, the one in use, the curve, and whether the labelling is enough. The first answer
    waits until the assistant has started."""
    return JSONResponse(await request.app.state.studio.part(Beside).open())


async def propose(request: Request) -> Response:
    """Propose the slice {"z"}, before all else; with {"all": true} then the rest of the stack."""
    studio: Studio = request.app.state.studio
    body = await read_body(request)
    z = read_slice(studio, body.get("z"))
    beside = studio.part(Beside)
    made = await beside.ask({"type": "propose", "z": z})
    if body.get("all") is True:
        await beside.ask({"type": "propose_all", "z": z})
    return JSONResponse({"z": z, "made": made})


async def learn(request: Request) -> Response:
    """Learn what is drawn, in about {"seconds"}, and propose the slice {"z"} anew; the answer is a job."""
    studio: Studio = request.app.state.studio
    body = await read_body(request)
    wanted: dict[str, Any] = {"z": read_slice(studio, body.get("z", 0))}
    seconds = body.get("seconds")
    if seconds is not None:
        wanted["seconds"] = _number(seconds, "seconds", 1, _LONGEST_S)
    job = await studio.part(Beside).learn(wanted)
    return JSONResponse({"job": job.to_json()})


async def stop(request: Request) -> Response:
    """End the training, which keeps its model as it is, and the proposing of the whole stack."""
    request.app.state.studio.part(Beside).assist.stop()
    return JSONResponse({})


async def use(request: Request) -> Response:
    """Go back to the model {"model"}, or to the bundled weights (0)."""
    beside = request.app.state.studio.part(Beside)
    body = await read_body(request)
    number = _whole(body.get("model"), "model")
    beside.status = await beside.ask({"type": "use", "model": number})
    request.app.state.studio.broadcast({"type": "assist", "event": "status", "status": beside.status})
    return JSONResponse(beside.status)


async def suggest(request: Request) -> Response:
    """The places to draw next, best first: {"suggestions": [{"z", "box", "why", ...}]}."""
    studio: Studio = request.app.state.studio
    body = await read_body(request)
    edge, count = body.get("edge", 256), body.get("count", 5)
    wanted = {
        "type": "suggest",
        "annotated": list(studio.editor.annotated),
        "edge": int(_number(edge, "edge", 8, 8192)),
        "count": int(_number(count, "count", 1, 100)),
    }
    return JSONResponse(await studio.part(Beside).ask(wanted))


async def compare(request: Request) -> Response:
    """The places where the models {"first"} and {"second"} differ, by slice, the most different first; the layer
    `difference` shows them on the slices that were compared."""
    studio: Studio = request.app.state.studio
    body = await read_body(request)
    wanted: dict[str, Any] = {name: _whole(body.get(name), name) for name in ("first", "second")}
    slices = body.get("slices")
    if slices is not None:
        if not isinstance(slices, list):
            raise SettingsError("slices is a list of slice numbers")
        wanted["slices"] = [read_slice(studio, z) for z in slices[:100]]
    answer = await studio.part(Beside).ask({**wanted, "type": "compare"})
    path = studio.workspace.model_difference
    await studio.in_thread(show_model_difference, studio, path, wanted["first"], wanted["second"])
    return JSONResponse(answer)


def read_slice(studio: Studio, value: Any) -> int:
    """The number of a slice of the stack. SettingsError for anything else."""
    last = studio.images.shape[0] - 1
    z = _whole(value, "z")
    if not 0 <= z <= last:
        raise SettingsError(f"z is a slice from 0 to {last}, not {z}")
    return z


def _whole(value: Any, name: str) -> int:
    if isinstance(value, bool) or not isinstance(value, int) or abs(value) > 10**6:
        raise SettingsError(f"{name} is a whole number, not {str(value)[:40]!r}")
    return value


def _number(value: Any, name: str, low: float, high: float) -> float:
    if isinstance(value, bool) or not isinstance(value, int | float) or not low <= value <= high:
        raise SettingsError(f"{name} is a number from {low:g} to {high:g}, not {str(value)[:40]!r}")
    return float(value)


def _post(path: str, endpoint: Any) -> BaseRoute:
    return Route(f"/api/assist/{path}", endpoint, methods=["POST"])


_ENDPOINTS: Mapping[str, Any] = {
    "propose": propose,
    "learn": learn,
    "stop": stop,
    "use": use,
    "suggest": suggest,
    "compare": compare,
}
ROUTES: list[BaseRoute] = [
    Route("/api/assist", give_status),
    *(_post(name, endpoint) for name, endpoint in _ENDPOINTS.items()),
]
