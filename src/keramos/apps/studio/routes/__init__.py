"""Routes of the studio: each module has `ROUTES`; all that are here are collected."""

from __future__ import annotations

import pkgutil
from importlib import import_module

from starlette.routing import BaseRoute


def collect_routes() -> list[BaseRoute]:
    """The routes of all modules; those of the page's files, which take every other address, come last."""
    names = sorted((module.name for module in pkgutil.iter_modules(__path__)), key=lambda name: (name == "page", name))
    return [route for name in names for route in import_module(f"{__name__}.{name}").ROUTES]
