"""Proofreading: places to look at, decisions on them, and the numbers again."""

from __future__ import annotations

import operator
from typing import Any

from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import BaseRoute, Route

from keramos.apps.studio.proofreading_desk import ProofreadingDesk
from keramos.apps.studio.requests import read_body
from keramos.apps.studio.studio import Studio
from keramos.core import Box, Triple, triple
from keramos.core.errors import SettingsError


async def give_proofreading(request: Request) -> Response:
    """The queue, what was decided, the numbers, and what the worker is at."""
    return await _answer(request)


async def find_places(request: Request) -> Response:
    """Look for places in the layer at {"layer"}, compared with that at {"other"} if it is given; in all of it, in the
    {"slices": [first, last]}, or in the {"box": [[z, y, x], [z, y, x]]} from its first voxel to beyond its last."""
    body, desk = await read_body(request), await _desk(request)
    other, kinds = body.get("other"), body.get("kinds", [])
    if not isinstance(kinds, list) or not all(isinstance(kind, str) for kind in kinds):
        raise SettingsError("kinds are a list of names")
    layer = _text(body, "layer")
    box = _read_box(body, _studio(request).images.shape)
    await _studio(request).in_hand(desk.find, layer, None if other is None else _text(body, "other"), kinds, box)
    return await _answer(request)


async def give_voxels(request: Request) -> Response:
    """The voxels of the place `?id=`."""
    desk = await _desk(request)
    return JSONResponse(await _studio(request).in_hand(desk.give_voxels, request.query_params.get("id", "")))


async def decide(request: Request) -> Response:
    """Keep the decision {"choice"} on the place {"id"}; a flip may name the phase {"to"}."""
    body, desk = await read_body(request), await _desk(request)
    to = "" if body.get("to") is None else _text(body, "to")
    await _studio(request).in_hand(desk.decide, _text(body, "id"), _text(body, "choice"), to)
    return await _answer(request)


async def go_back(request: Request) -> Response:
    """Take the last decision back; the answer names its place as the next one."""
    desk = await _desk(request)
    last = await _studio(request).in_hand(desk.take_back)
    return await _answer(request, {} if last is None else {"next": last.place.id})


async def run_task(request: Request) -> Response:
    """Measure again, or save the corrected segmentation: {"task": "measure" | "save"}."""
    body, desk = await read_body(request), await _desk(request)
    await _studio(request).in_hand(desk.run, _text(body, "task"))
    return await _answer(request)


async def stop(request: Request) -> Response:
    """End what the worker is at."""
    desk = await _desk(request)
    await _studio(request).in_hand(desk.stop)
    return await _answer(request)


async def use_as_labels(request: Request) -> Response:
    """Make labels of the corrections, for the next training."""
    desk = await _desk(request)
    await _studio(request).in_hand(desk.use_as_labels)
    return await _answer(request)


def _studio(request: Request) -> Studio:
    studio: Studio = request.app.state.studio
    return studio


async def _desk(request: Request) -> ProofreadingDesk:
    """The desk of the studio, made when it is first asked for."""
    studio = _studio(request)

    return await studio.in_hand(studio.part, ProofreadingDesk)


async def _answer(request: Request, more: dict[str, Any] | None = None) -> Response:
    desk = await _desk(request)
    content = await _studio(request).in_hand(desk.to_json)
    return JSONResponse({**content, **(more or {})})


def _read_box(body: dict[str, Any], shape: Triple) -> Box | None:
    """The part of the stack that is asked for; None for all of it. SettingsError for what is no part of it."""
    slices: Any = body.get("slices")
    ends: Any = body.get("box")
    if slices is None and ends is None:
        return None
    try:
        if slices is not None:
            first, last = slices
            ends = [[first, 0, 0], [last + 1, *shape[1:]]]
        low, high = ([operator.index(at) for at in end] for end in ends)
        box = Box(triple(low), triple(high))
    except (TypeError, ValueError):
        raise SettingsError("slices are [first, last], and a box is [[z, y, x], [z, y, x]], in voxels") from None
    if not box.voxels or not Box.whole(shape).contains(box):
        raise SettingsError(f"the box {box} is no part of the stack, which has {shape} voxels (z, y, x)")
    return box


def _text(body: dict[str, Any], name: str) -> str:
    value = body.get(name)
    if not isinstance(value, str) or len(value) > 1000:
        raise SettingsError(f"{name} is a text")
    return value


ROUTES: list[BaseRoute] = [
    Route("/api/proofread", give_proofreading),
    Route("/api/proofread/voxels", give_voxels),
    Route("/api/proofread/find", find_places, methods=["POST"]),
    Route("/api/proofread/decide", decide, methods=["POST"]),
    Route("/api/proofread/back", go_back, methods=["POST"]),
    Route("/api/proofread/stop", stop, methods=["POST"]),
    Route("/api/proofread/labels", use_as_labels, methods=["POST"]),
    Route("/api/proofread/run", run_task, methods=["POST"]),
]
