"""The files of the page."""

from __future__ import annotations

import mimetypes
from pathlib import Path

from starlette.routing import BaseRoute, Mount
from starlette.staticfiles import StaticFiles

PAGE = Path(__file__).resolve().parents[1] / "page"
# Some systems say otherwise, and browsers run no module of another type.
mimetypes.add_type("text/javascript", ".js")
mimetypes.add_type("text/css", ".css")

ROUTES: list[BaseRoute] = [Mount("/", StaticFiles(directory=PAGE, html=True, check_dir=False))]
