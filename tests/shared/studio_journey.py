"""The way from a stack to a report in the studio's page, with mouse and keys, as a newcomer goes it.

tones -> strokes -> undo -> learn -> accept -> segment -> proofread -> report; `look` may take a picture of each step.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np
from studio_page import place_of, wait_for, wait_until_saved

Look = Callable[[str], None]
PATIENCE_S = 120.0


def open_panel(page: Any, title: str) -> None:
    """Bring a panel to the front."""
    page.get_by_role("tab", name=title, exact=True).click()


def go_to(page: Any, z: int) -> None:
    """Turn to a slice, and wait until it is shown."""
    page.evaluate(f"studio.goTo({{z: {z}}})")
    wait_for(page, "studio.tiles.loading.size === 0 && studio.planes.every((p) => !p.waiting)")


def stroke(page: Any, points: list[tuple[float, float]]) -> None:
    """A stroke of the mouse through voxels (x, y) of the slice."""
    page.mouse.move(*place_of(page, *points[0]))
    page.mouse.down()
    for point in points[1:]:
        page.mouse.move(*place_of(page, *point), steps=4)
    page.mouse.up()
    wait_until_saved(page)


def draft(page: Any, z: int, dark: int, look: Look) -> None:
    """A draft from grey tones: the `dark` darkest ones are void, the others solid."""
    go_to(page, z)
    page.keyboard.press("d")
    tones = page.get_by_role("group", name="Grey tones, from dark to light").get_by_role("button")
    tones.last.wait_for()
    wait_for(page, "studio.tones.picture !== null")
    for tone in range(tones.count()):
        page.keyboard.press("1" if tone < dark else "2")
        tones.nth(tone).click()
        wait_until_saved(page)
    look("draft")


def draw(page: Any, z: int, strokes: list[tuple[int, list[tuple[float, float]]]], look: Look) -> None:
    """Strokes of the brush: the number key of a phase, and the voxels on the way."""
    go_to(page, z)
    page.keyboard.press("b")
    for key, points in strokes:
        page.keyboard.press(str(key))
        stroke(page, points)
    look("draw")


def undo(page: Any, steps: int = 1) -> None:
    """Take the last strokes back."""
    for _ in range(steps):
        before = page.evaluate("studio.state.history.undo")
        page.keyboard.press("Control+z")
        wait_for(page, f"studio.state.history.undo === {before} - 1")


def learn(page: Any, z: int, look: Look) -> None:
    """Learn what is drawn, and wait for the new proposal of the slice."""
    open_panel(page, "Learn")
    go_to(page, z)
    page.locator(".models [role=radio]").first.wait_for(timeout=1000 * PATIENCE_S)  # the assistant has started
    models = page.locator(".models [role=radio]").count()
    page.keyboard.press("r")
    page.locator(".models [role=radio]").nth(models).wait_for(timeout=1000 * PATIENCE_S)
    wait_for(page, "studio.project.layers.some(({name}) => name === 'proposal')", PATIENCE_S)
    look("learn")


def accept(page: Any, z: int, look: Look) -> None:
    """Take the proposal of a slice over; it is made first where there is none."""
    open_panel(page, "Draw")
    go_to(page, z)
    before = page.evaluate("studio.state.history.undo")
    page.keyboard.press("a")
    wait_for(page, f"studio.state.history.undo > {before}", PATIENCE_S)
    wait_until_saved(page)
    look("accept")


def run(page: Any, verb: str, title: str, look: Look) -> None:
    """Run a verb by its form, as it stands, and wait until it is done."""
    open_panel(page, "Run")
    choice = page.get_by_label("What to do")
    choice.wait_for(timeout=1000 * PATIENCE_S)
    choice.select_option(verb)
    ended = (
        "[...studio.state.jobs.values()].filter(({verb, state}) => state !== 'running' && state !== 'waiting' && verb"
    )
    ended += f" === '{verb}')"
    before = page.evaluate(f"{ended}.length")
    page.get_by_role("button", name=title, exact=True).click()
    wait_for(page, f"{ended}.length > {before}", PATIENCE_S)
    assert page.evaluate(f"{ended}.at(-1).error") in (None, ""), page.evaluate(f"{ended}.at(-1)")
    look(verb)


def proofread(page: Any, layer: str, look: Look) -> None:
    """Look for the places that change the numbers most, and flip the first."""
    open_panel(page, "Proofread")
    page.get_by_label("Segmentation to proofread").select_option(layer)
    page.get_by_role("button", name="Look for places").click()
    page.locator(".place-card h2").wait_for(timeout=1000 * PATIENCE_S)
    look("proofread")
    page.keyboard.press("f")
    wait_for(page, "document.querySelectorAll('.place-sign').length > 0")


def codes_of(page: Any, drawing: Any, z: int) -> np.ndarray:
    """The labels of a slice as the server holds them."""
    wait_until_saved(page)
    return np.array(drawing.plane(z))
