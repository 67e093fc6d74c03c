"""The review of labels: a tour through its three passes, with progress."""

from __future__ import annotations

from typing import Any

from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import BaseRoute, Route

from keramos.annotation.review import Stop, TourProgress, open_progress, plan_tour
from keramos.apps.studio.requests import read_body
from keramos.apps.studio.studio import Studio
from keramos.core import Box, Finding, LabelVolume, Volume
from keramos.core.errors import KeramosError, SettingsError
from keramos.io import open_labels, open_uncertainty
from keramos.project.assist.model_records import ModelRecords

_SMALL = 25
"""Pixels: smaller patches are spots, which the tour leaves out unless they are asked for."""


async def give_tour(request: Request) -> Response:
    """The stops of the tour as the labels are now, with what was done; with `?small=yes` small spots of doubt, too."""
    studio = _studio(request)
    small = request.query_params.get("small") == "yes"
    return JSONResponse(await studio.in_hand(lambda: _progress(studio).to_json(studio.part(Tour).plan(small=small))))


async def mark_stop(request: Request) -> Response:
    """Mark the stop {"id"} as {"mark": "done" | "skip"}."""
    body, studio = await read_body(request), _studio(request)
    stop, how = body.get("id"), body.get("mark")
    if not isinstance(stop, str) or not isinstance(how, str) or len(stop) > 200:
        raise SettingsError("id and mark are texts")

    def mark() -> dict[str, Any]:
        stops = studio.part(Tour).stops
        if stop not in {each.id for each in stops}:
            raise SettingsError("there is no such stop in the tour; plan it again")
        progress = _progress(studio)
        progress.mark(stop, how)
        return progress.to_json(stops)

    return JSONResponse(await studio.in_hand(mark))


async def go_back(request: Request) -> Response:
    """Go back to the stop that was marked last."""
    studio = _studio(request)

    def back() -> dict[str, Any]:
        progress, stops = _progress(studio), studio.part(Tour).stops
        last = progress.go_back(stops)
        told = progress.to_json(stops)
        return told if last is None else {**told, "next": last}

    return JSONResponse(await studio.in_hand(back))


def _studio(request: Request) -> Studio:
    studio: Studio = request.app.state.studio
    return studio


def _progress(studio: Studio) -> TourProgress:
    return open_progress(studio.workspace.review)


class Tour:
    """The tour through the labels of a studio. Its methods belong to the thread of the drawing."""

    def __init__(self, studio: Studio) -> None:
        self._studio = studio
        self._stops: tuple[Stop, ...] | None = None
        self._small = False

    @property
    def stops(self) -> tuple[Stop, ...]:
        """The stops as they were planned last."""
        return self.plan() if self._stops is None else self._stops

    def plan(self, *, small: bool | None = None) -> tuple[Stop, ...]:
        """The stops as the labels are now, with small spots of doubt or without; None: as before."""
        studio, self._small = self._studio, self._small if small is None else small
        proposal, uncertainty = _open_proposal(studio)
        findings = (*studio.images.findings, *_label_findings(studio))
        drawing = studio.editor.drawing
        least = 1 if self._small else _SMALL
        self._stops = plan_tour(drawing, proposal=proposal, uncertainty=uncertainty, findings=findings, least=least)
        return self._stops


def _label_findings(studio: Studio) -> list[Finding]:
    """Findings of the checks of the labels when the last model learnt them."""
    records = ModelRecords(studio.workspace.models).list()
    return [Finding.from_json(row) for row in records[-1].findings] if records else []


def _open_proposal(studio: Studio) -> tuple[LabelVolume | None, Volume | None]:
    """The proposal for the stack and its uncertainty, as far as they are there."""
    try:
        proposal = open_labels(studio.workspace.proposal)
    except KeramosError:
        return None, None
    if proposal.shape != studio.images.shape or proposal.box != Box.whole(studio.images.shape):
        return None, None
    try:
        return proposal, open_uncertainty(studio.workspace.proposal)
    except KeramosError:
        return proposal, None


ROUTES: list[BaseRoute] = [
    Route("/api/review", give_tour),
    Route("/api/review/mark", mark_stop, methods=["POST"]),
    Route("/api/review/back", go_back, methods=["POST"]),
]
