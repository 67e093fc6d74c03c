"""The web application of a studio: its routes behind its guard."""

from __future__ import annotations

from starlette.applications import Starlette
from starlette.exceptions import HTTPException
from starlette.middleware import Middleware
from starlette.requests import Request
from starlette.responses import JSONResponse, Response

from keramos.apps.studio.routes import collect_routes
from keramos.apps.studio.security import MAX_BODY_BYTES, Guard, TooLargeError
from keramos.apps.studio.studio import Studio
from keramos.core.errors import KeramosError


def make_application(studio: Studio, token: str, port: int) -> Starlette:
    """The application for a studio that is reached at a port with a token."""
    application = Starlette(
        routes=collect_routes(),
        middleware=[Middleware(Guard, token=token, port=port)],
        exception_handlers={
            KeramosError: _explain,
            HTTPException: _name_status,
            TooLargeError: _refuse_size,
            Exception: _apologise,
        },
    )
    application.router.redirect_slashes = False
    application.state.studio = studio
    return application


async def _explain(_: Request, error: Exception) -> Response:
    return JSONResponse({"error": str(error)}, status_code=400)


async def _name_status(_: Request, error: Exception) -> Response:
    status = error.status_code if isinstance(error, HTTPException) else 500
    detail = error.detail if isinstance(error, HTTPException) else str(error)
    return JSONResponse({"error": detail}, status_code=status)


async def _refuse_size(_: Request, __: Exception) -> Response:
    why = f"expected a request of at most {MAX_BODY_BYTES // 2**20} MiB, found a larger one"
    return JSONResponse({"error": why}, status_code=413)


async def _apologise(_: Request, error: Exception) -> Response:
    why = f"the studio met an error of its own ({type(error).__name__}); nothing is lost: try again"
    return JSONResponse({"error": why}, status_code=500)
