"""The run list: verbs of the command line, run from the page with the options that their settings declare."""

from __future__ import annotations

from functools import partial
from typing import Any

from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import FileResponse, JSONResponse, Response
from starlette.routing import BaseRoute, Route

from keramos.apps.studio.beside import Beside
from keramos.apps.studio.job_options import begin_options, check_options
from keramos.apps.studio.readable import find_readable
from keramos.apps.studio.requests import read_body
from keramos.apps.studio.studio import Studio
from keramos.apps.studio.workers.catalogue import VERBS
from keramos.apps.studio.workers.job import Job
from keramos.core.errors import SettingsError

_SUFFIXES = {".html": "text/html", ".json": "application/json", ".csv": "text/csv", ".txt": "text/plain"}


async def give_verbs(request: Request) -> Response:
    """The verbs with their options, and the values that a form begins with."""
    studio: Studio = request.app.state.studio
    beside = studio.part(Beside)
    catalogue = await beside.catalogue()
    rows = [
        {
            "name": name,
            "title": verb.title,
            "in_recipe": verb.in_recipe,
            "resumes": verb.resumes,
            "options": catalogue["verbs"][name],
            "begin": await studio.in_thread(begin_options, studio, beside, name),
        }
        for name, verb in VERBS.items()
    ]
    return JSONResponse({"verbs": rows, "formats": catalogue["suffixes"], "models": catalogue["models"]})


async def run_verb(request: Request) -> Response:
    """Have {"verb"} run with {"options"}; the answer is its job."""
    studio: Studio = request.app.state.studio
    body, beside = await read_body(request), studio.part(Beside)
    verb = body.get("verb")
    if not isinstance(verb, str) or verb not in VERBS:
        raise SettingsError(f"verb is one of {', '.join(VERBS)}, not {str(verb)[:80]!r}")
    catalogue = await beside.catalogue()
    rows = catalogue["verbs"][verb]
    find = partial(find_readable, studio)
    options = await studio.in_thread(
        check_options, rows, body.get("options", {}), catalogue["models"], find, studio.started_in
    )
    if verb == "export":
        options.setdefault("out", f"export{catalogue['suffixes'].get(options.get('to', 'tiff'), '')}")
    job = await studio.in_thread(beside.runs.submit, verb, rows, options)
    return JSONResponse({"job": job.to_json()})


async def give_jobs(request: Request) -> Response:
    """All jobs of the project, the first one first."""
    jobs = request.app.state.studio.part(Beside).list_jobs()
    return JSONResponse({"jobs": [job.to_json() for job in jobs]})


async def cancel(request: Request) -> Response:
    """End the job {"id"}: what it has finished is kept."""
    studio: Studio = request.app.state.studio
    beside, number = studio.part(Beside), await _read_number(request)
    if number < 0:
        beside.assist.stop()
        return JSONResponse({"job": _find(beside, number).to_json()})
    return JSONResponse({"job": (await studio.in_thread(beside.runs.cancel, number)).to_json()})


async def resume(request: Request) -> Response:
    """Run the job {"id"} again: what can go on with what it has done does."""
    studio: Studio = request.app.state.studio
    number = await _read_number(request)
    job = await studio.in_thread(studio.part(Beside).runs.resume, number)
    return JSONResponse({"job": job.to_json()})


async def give_file(request: Request) -> Response:
    """A page or a table that a run has written, shown without any right to ask the studio."""
    studio: Studio = request.app.state.studio
    folder, name = request.path_params["folder"], request.path_params["name"]
    known = {job.folder for job in studio.part(Beside).runs.list_jobs()}
    if not name.isprintable():  # no system has files of such names
        raise HTTPException(404, "there is no such file among the results of runs")
    path = studio.workspace.runs / folder / name
    inside = path.resolve().is_relative_to((studio.workspace.runs / folder).resolve())
    if folder not in known or not inside or path.suffix not in _SUFFIXES or not path.is_file():
        raise HTTPException(404, "there is no such file among the results of runs")
    policy = "sandbox allow-scripts allow-popups; default-src 'none'; style-src 'unsafe-inline'; "
    policy += "script-src 'unsafe-inline'; img-src data: blob:; font-src data:"
    return FileResponse(path, media_type=_SUFFIXES[path.suffix], headers={"Content-Security-Policy": policy})


async def _read_number(request: Request) -> int:
    value: Any = (await read_body(request)).get("id")
    if isinstance(value, bool) or not isinstance(value, int):
        raise SettingsError("id is the number of a job")
    return value


def _find(beside: Beside, number: int) -> Job:
    job = next((job for job in beside.list_jobs() if job.id == number), None)
    if job is None:
        raise SettingsError(f"there is no job {number} in this project")
    return job


ROUTES: list[BaseRoute] = [
    Route("/api/verbs", give_verbs),
    Route("/api/jobs", give_jobs),
    Route("/api/run", run_verb, methods=["POST"]),
    Route("/api/cancel", cancel, methods=["POST"]),
    Route("/api/resume", resume, methods=["POST"]),
    Route("/results/{folder}/{name:path}", give_file),
]
