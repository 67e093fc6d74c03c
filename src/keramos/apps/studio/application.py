"""The web application of a studio: its routes behind its guard."""

from __future__ import annotations

from starlette.applications import Starlette
from starlette.datastructures import Headers
from starlette.exceptions import HTTPException
from starlette.middleware import Middleware
from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.types import ASGIApp, Receive, Scope, Send

from keramos.apps.studio.pages import Pages
from keramos.apps.studio.routes import collect_routes
from keramos.apps.studio.security import MAX_BODY_BYTES, Guard, TooLargeError
from keramos.apps.studio.studio import Studio
from keramos.core.errors import KeramosError, SettingsError


def make_application(studio: Studio, token: str, port: int) -> Starlette:
    """The application for a studio that is reached at a port with a token."""
    application = Starlette(
        routes=collect_routes(),
        middleware=[Middleware(Guard, token=token, port=port), Middleware(OneWriter, pages=studio.pages)],
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


class OneWriter:
    """Refuses every request for a change by a page that only looks on. A program that is no page may change things."""

    def __init__(self, app: ASGIApp, pages: Pages) -> None:
        self._app, self._pages = app, pages

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] == "http" and scope["method"] not in ("GET", "HEAD"):
            try:
                self._pages.refuse_looking_on(Headers(scope=scope).get("x-page"))
            except SettingsError as error:
                await JSONResponse({"error": str(error)}, 400)(scope, receive, send)
                return
        await self._app(scope, receive, send)


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
