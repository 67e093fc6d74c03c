"""A prepared stack opened as a project of its own, from the run that made it."""

from __future__ import annotations

import asyncio
import shlex
from pathlib import Path

from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import BaseRoute, Route

from keramos.apps.studio.beside import Beside
from keramos.apps.studio.beside_project import BesideProjects
from keramos.apps.studio.requests import read_body
from keramos.apps.studio.studio import Studio
from keramos.apps.studio.workers.run_folder import write_seen_from
from keramos.core.errors import MissingFileError, SettingsError

_SUFFIX = "-studio"


async def open_prepared(request: Request) -> Response:
    """The {"address"} of a project of the stack that the run {"id"} has prepared, and the {"command"} that opens it
    later. The project lies beside the present one; asked again, the same one is opened."""
    studio: Studio = request.app.state.studio
    number = (await read_body(request)).get("id")
    job = next((job for job in studio.part(Beside).runs.list_jobs() if job.id == number), None)
    if job is None or job.verb != "prepare" or job.state != "done":
        raise SettingsError("there is no such run that has prepared a stack")
    stack = studio.started_in / str(job.options["out"])
    if not stack.exists():
        raise MissingFileError(f"the prepared stack {stack.name} is not there any more; run the preparation again")
    project = _name_project(studio.workspace.folder.resolve(), job.id)
    address = await asyncio.wrap_future(studio.part(BesideProjects).open(stack, project))
    seen = [write_seen_from(path, studio.started_in) for path in (stack, project)]
    return JSONResponse(
        {"address": address, "command": shlex.join(["keramos", "studio", seen[0], "--project", seen[1]])}
    )


def _name_project(folder: Path, number: int) -> Path:
    """The folder of the new project: `images-studio` and run 3 give `images-prepared-3-studio`."""
    return folder.with_name(f"{folder.name.removesuffix(_SUFFIX)}-prepared-{number}{_SUFFIX}")


ROUTES: list[BaseRoute] = [Route("/api/open-prepared", open_prepared, methods=["POST"])]
