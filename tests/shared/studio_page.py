"""The studio's page in a real browser, with a real mouse and keys."""

from __future__ import annotations

import shutil
import time
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import pytest
from studio_browser import TOKEN, Browser

CHROMIUM = shutil.which("chromium") or shutil.which("chromium-browser") or shutil.which("google-chrome")


@contextmanager
def open_page(browser: Browser, width: int = 1440, height: int = 900) -> Iterator[Any]:
    """The page of a studio, ready, in Chromium; `page.problems` lists what it complained of."""
    if CHROMIUM is None:
        pytest.skip("no chromium on this machine")
    from playwright.sync_api import sync_playwright

    with sync_playwright() as playwright:
        chromium = playwright.chromium.launch(executable_path=CHROMIUM, args=["--no-sandbox"])
        page = chromium.new_page(viewport={"width": width, "height": height})
        problems: list[str] = []
        page.on("console", lambda message: problems.append(_describe(message)) if message.type == "error" else None)
        page.on("pageerror", lambda error: problems.append(str(error)))
        page.problems = problems
        page.goto(f"http://{browser.host}/?token={TOKEN}")
        page.wait_for_selector("html[data-ready=yes]")
        wait_for(page, "studio.socket.mayWrite")
        yield page
        chromium.close()


def place_of(page: Any, x: float, y: float, plane: int = 0) -> tuple[float, float]:
    """Where on the window a voxel's centre is, by its place across and down in a plane (0 xy, 1 yz, 2 xz)."""
    point: dict[str, float] = page.evaluate(
        "([plane, x, y]) => { const p = studio.planes[plane], box = p.element.getBoundingClientRect();"
        " const at = p.toScreen(x, y); return {x: box.left + at.x, y: box.top + at.y}; }",
        [plane, x, y],
    )
    return point["x"], point["y"]


def wait_for(page: Any, condition: str, seconds: float = 60) -> None:
    """Wait until an expression is true. The page's own rules forbid the usual way, which evaluates text in it."""
    end = time.monotonic() + seconds
    while not page.evaluate(condition):
        if time.monotonic() > end:
            pytest.fail(f"the page did not come to {condition}")
        page.wait_for_timeout(10)


def wait_until_saved(page: Any) -> None:
    wait_for(page, "studio.state.unsaved === 0 && studio.drawing.pending.size === 0")


def _describe(message: Any) -> str:
    """What the console says, and of which address: a request that was refused is named nowhere else."""
    return f"{message.text} ({message.location['url']})"
