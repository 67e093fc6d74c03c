"""How fast the studio's page answers mouse and keys on a stack of 1.5 GB, alone and while a network learns.

Times are taken in the page: of a stroke from the pointer event to the end of the drawing call that shows it; of a slice
from the key press to the moment when all its tiles are drawn. Chromium draws by software here, as it does on a machine
without a graphics card.

    python benchmarks/studio_page.py --work DIR [--shape 960 1250 1250]
"""

from __future__ import annotations

import argparse
import json
import os
import random
import shutil
import sys
from pathlib import Path
from typing import Any

import numpy as np
from measured import write_results
from playwright.sync_api import sync_playwright
from studio_server import make_stack, run_studio, train_beside

from keramos.core import triple

WATCH = """() => {
  window.shown = [];
  addEventListener("keydown", (event) => { window.pressed = event.timeStamp; }, true);
  studio.on("shown", (plane) => {
    if (plane !== studio.planes[0] || window.pressed === null) return;
    if (plane.shownIndex === plane.through && plane.through !== window.left) {
      window.shown.push(performance.now() - window.pressed);
      window.pressed = null;
    }
  });
}"""
LEAVE = "() => { window.left = studio.planes[0].through; window.pressed = null; }"
STROKES, MOVES, STEPS, JUMPS = 30, 60, 100, 40


def summarise(milliseconds: list[float]) -> dict[str, float]:
    """Median, 95th percentile and number."""
    low, high = np.percentile(milliseconds, (50, 95))
    return {"median": round(float(low), 1), "p95": round(float(high), 1), "number": len(milliseconds)}


def draw(page: Any, choose: random.Random) -> dict[str, Any]:
    """Strokes of the brush across the slice."""
    page.keyboard.press("b")
    page.evaluate("studio.timings.clear()")
    box = page.evaluate(
        "(({x, y, width, height}) => ({x, y, width, height}))(studio.planes[0].canvas.getBoundingClientRect())"
    )
    for number in range(STROKES):
        page.keyboard.press("12"[number % 2])
        x, y = (
            box[corner] + 40 + choose.random() * (box[edge] - 200) for corner, edge in (("x", "width"), ("y", "height"))
        )
        page.mouse.move(x, y)
        page.mouse.down()
        for move in range(MOVES):
            page.mouse.move(x + 2 * move, y + 25 * np.sin(move / 5))
        page.mouse.up()
    page.wait_for_timeout(1000)
    lists = page.evaluate("studio.timings.lists")
    return {
        "drawing call": summarise(lists["stroke"]),
        "since the pointer event": summarise(lists["stroke since the event"]),
    }


def step(page: Any, press: Any, count: int) -> dict[str, float]:
    """Times until a slice is drawn after a key press; one that takes over five seconds ends the script."""
    for _ in range(count):
        page.evaluate(LEAVE)
        already = page.evaluate("window.shown.length")
        press()
        for _ in range(500):
            if page.evaluate("window.shown.length") > already:
                break
            page.wait_for_timeout(10)
        else:
            sys.exit("a slice was not shown within five seconds")
        page.wait_for_timeout(60)
    return summarise(page.evaluate("window.shown.splice(0)"))


def measure(page: Any, depth: int) -> dict[str, Any]:
    """All figures of one page."""
    choose = random.Random(3)
    page.evaluate("studio.set({layout: 'planes', zoom: 1, centre: {...studio.state.position}})")
    page.wait_for_timeout(3000)
    page.evaluate(WATCH)
    result: dict[str, Any] = {"slice_change_ms": step(page, lambda: page.keyboard.press("."), STEPS)}

    def jump() -> None:
        page.evaluate(f"() => {{ window.pressed = performance.now(); studio.goTo({{z: {choose.randrange(depth)}}}); }}")

    result["far_jump_ms"] = step(page, jump, JUMPS)
    result["stroke_ms"] = draw(page, choose)
    return result


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--work", type=Path, required=True)
    parser.add_argument("--shape", type=int, nargs=3, default=[960, 1250, 1250])
    options = parser.parse_args()
    options.work.mkdir(parents=True, exist_ok=True)
    chromium = shutil.which("chromium") or shutil.which("google-chrome")
    if chromium is None:
        sys.exit("skipped: expected chromium on the path, found none")
    shape, results = triple(options.shape), {}
    stack = make_stack(options.work / f"stack-{'-'.join(map(str, shape))}.ome.zarr", shape)
    for name, trained in (("alone", False), ("while a network is trained", True)):
        with (
            train_beside(stack, options.work, trained),
            run_studio(stack, options.work) as server,
            sync_playwright() as play,
        ):
            browser = play.chromium.launch(executable_path=chromium, args=["--no-sandbox"])
            page = browser.new_page(viewport={"width": 1440, "height": 900})
            page.goto(server.address)
            page.wait_for_selector("html[data-ready=yes]")
            page.wait_for_timeout(2000)
            results[name] = {**measure(page, shape[0]), "memory_mib": server.process.memory_info().rss / 2**20}
            results[name]["load"] = os.getloadavg()[0]
            browser.close()
        print(name, json.dumps(results[name], indent=1), flush=True)
    write_results("studio_page", {"shape": list(shape), "window": [1440, 900], **results})


if __name__ == "__main__":
    main()
