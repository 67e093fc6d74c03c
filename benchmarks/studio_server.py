"""How fast the studio's server answers a page: tiles, steps from slice to slice, far jumps, strokes; and its memory.

A page is played by six connections, as a browser has, and a socket. Stacks are made of few slabs, whose files stand for
others, too, as links: reading does not see the difference.

    python benchmarks/studio_server.py --work DIR [--shape 960 1250 1250] [--large 2400 2048 2048]
"""

from __future__ import annotations

import argparse
import asyncio
import http.client
import json
import os
import random
import re
import shutil
import subprocess
import sys
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import numpy as np
import psutil
from measured import write_results
from scipy.ndimage import gaussian_filter
from websockets.asyncio import client as asynchronous
from websockets.sync.client import connect

from keramos.core import Box, Triple, VoxelSize, triple
from keramos.io import create_image, open_volume
from keramos.io.pyramid import coarser_shape, pyramid_steps

SIZE = VoxelSize(10, 10, 10)
DISTINCT = 256
CONNECTIONS = 6
SCREEN = (1000, 800)
"""Pixels of a pane in which slices are looked at voxel by voxel."""
AHEAD = 3
"""Slices that the page fetches before one goes there."""
FIT = 900
"""Pixels of a pane that shows a whole plane."""

TRAINING = """
import os
import keramos
getattr(os, "nice", int)(5)
labels = {"phases": "void=0,solid=1", "slices": (0, 1), "voxel_size": (10, 10, 10)}
keramos.train("grey.npy", "labels.npy", out="model.keramos", budget=900, fresh=True, **labels)
"""
"""A training with the priority that the studio gives its own."""


def make_stack(path: Path, shape: Triple) -> Path:
    """A stack of that shape with coarser levels; kept, and taken again."""
    if (path / "done").is_file():
        return path
    shutil.rmtree(path, ignore_errors=True)
    small = path.with_name("slabs.ome.zarr")
    shutil.rmtree(small, ignore_errors=True)
    depth = min(DISTINCT, shape[0])
    source = create_image(small, (depth, *shape[1:]), np.uint8, voxel_size=SIZE)
    draw = np.random.default_rng(0)
    base = gaussian_filter(draw.standard_normal((64, *shape[1:])).astype(np.float32), 4, mode="wrap")
    base /= base.std()
    for z in range(0, depth, 16):
        slab = np.roll(base[z % 64 : z % 64 + 16], z, axis=2)[: depth - z]
        grey = 110 + 55 * np.tanh(3 * slab) + 8 * draw.standard_normal(slab.shape).astype(np.float32)
        source.write(Box((z, 0, 0), (z + len(slab), *shape[1:])), np.clip(grey, 0, 255).astype(np.uint8))
    source.finish()
    large, steps = create_image(path, shape, np.uint8, voxel_size=SIZE), pyramid_steps(shape, SIZE)
    for level, step in enumerate([triple((1, 1, 1)), *steps]):
        if level:
            large.create_level(level, coarser_shape(shape, step))
        _link_chunks(small / str(level) / "c", path / str(level) / "c", -(-coarser_shape(shape, step)[0] // 16))
    large.write_metadata(steps, is_finished=True)
    (path / "done").touch()
    return path


def _link_chunks(source: Path, target: Path, layers: int) -> None:
    """Links of the chunks of a few layers, in turn, as those of all layers."""
    present = len(list(source.iterdir()))
    for layer in range(layers):
        for file in sorted((source / str(layer % present)).glob("*/*")):
            link = target / str(layer) / file.parent.name / file.name
            link.parent.mkdir(parents=True, exist_ok=True)
            link.hardlink_to(file)


class Page:
    """A page of a studio that runs."""

    def __init__(self, process: subprocess.Popen[str]) -> None:
        line = process.stdout.readline() if process.stdout else ""
        place = re.search(r":(\d+)/\?token=(\S+)", line)
        if place is None:
            sys.exit(f"the studio did not begin: {line}")
        self.address = line.strip()
        self.port, self.process = int(place[1]), psutil.Process(process.pid)
        self.connections = [http.client.HTTPConnection("127.0.0.1", self.port) for _ in range(CONNECTIONS)]
        self.connections[0].request("GET", f"/?token={place[2]}")
        answer = self.connections[0].getresponse()
        answer.read()
        self.cookie = str(answer.getheader("set-cookie")).split(";")[0]
        self.peak = 0

    def fetch(self, paths: list[str]) -> float:
        """Seconds until all of these have come."""
        waiting, began = iter(paths), time.perf_counter()
        guard = threading.Lock()

        def work(connection: http.client.HTTPConnection) -> None:
            while True:
                with guard:
                    path = next(waiting, None)
                if path is None:
                    return
                connection.request("GET", path, headers={"Cookie": self.cookie})
                answer = connection.getresponse()
                if answer.status != 200 or not answer.read():
                    sys.exit(f"{path}: {answer.status}")

        threads = [threading.Thread(target=work, args=(connection,)) for connection in self.connections]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
        seconds = time.perf_counter() - began
        self.peak = max(self.peak, self.process.memory_info().rss)
        return seconds

    def tiles(self, plane: str, level: int, index: int, rows: int, columns: int) -> list[str]:
        """The addresses of the first tiles of a plane."""
        return [f"/tiles/images/{plane}/{level}/{index}/{row}/{k}" for row in range(rows) for k in range(columns)]


@contextmanager
def run_studio(stack: Path, work: Path) -> Iterator[Page]:
    """A studio of a stack, in a process of its own, with a new project."""
    shutil.rmtree(work / "project", ignore_errors=True)
    command = [sys.executable, "-m", "keramos", "studio", str(stack), "--project", str(work / "project")]
    process = subprocess.Popen([*command, "--no-browser"], stdout=subprocess.PIPE, text=True)
    try:
        yield Page(process)
    finally:
        process.terminate()
        process.wait(20)


@contextmanager
def train_beside(stack: Path, work: Path, asked: bool) -> Iterator[None]:
    """A training that goes on beside, with the priority that the studio gives its own."""
    if not asked:
        yield
        return
    grey = open_volume(stack).read(Box((0, 0, 0), (4, 512, 512)))
    np.save(work / "grey.npy", grey)
    np.save(work / "labels.npy", (grey > 110).astype(np.uint8))
    process = subprocess.Popen([sys.executable, "-c", TRAINING], cwd=work, stderr=subprocess.PIPE, text=True)
    time.sleep(20)
    if process.poll() is not None:
        sys.exit(f"the training ended: {process.stderr.read() if process.stderr else ''}")
    try:
        yield
    finally:
        process.kill()
        process.wait()


def measure(page: Page, shape: Triple, burst: int) -> dict[str, Any]:
    """All figures of one stack."""
    choose = random.Random(1)
    rows, columns = (-(-length // 256) for length in shape[1:])
    single = [page.tiles("xy", 0, choose.randrange(shape[0]), rows, columns) for _ in range(600)]
    scattered = [choose.choice(tiles) for tiles in single]
    result: dict[str, Any] = {"tiles_per_s": {"scattered": len(scattered) / page.fetch(scattered)}}
    wide, high = (min(-(-edge // 256) + 1, count) for edge, count in zip(SCREEN, (columns, rows), strict=True))
    first = choose.randrange(shape[0] - 100)
    steps = []
    for step in range(96):
        steps.append(page.fetch(page.tiles("xy", 0, first + step, high, wide)))
        page.fetch(page.tiles("xy", 0, first + step + AHEAD, high, wide))  # as the page does while one looks
    result["tiles_per_s"]["slice by slice"] = 96 * high * wide / sum(steps)
    result["slice_change_ms"] = summarise(steps)
    jumps = [page.fetch(page.tiles("xy", 0, choose.randrange(shape[0]), high, wide)) for _ in range(40)]
    result["far_jump_ms"] = summarise(jumps)
    steps_of = [triple((1, 1, 1)), *pyramid_steps(shape, SIZE)]
    level = next(k for k, step in enumerate(steps_of) if max(coarser_shape(shape, step)[1:]) <= FIT)
    depth, height, width = coarser_shape(shape, steps_of[level])
    along = {"xy": (depth, height, width), "xz": (height, depth, width), "yz": (width, height, depth)}
    for plane, (count, down, across) in along.items():
        counts = -(-down // 256), -(-across // 256)
        whole = [page.fetch(page.tiles(plane, level, choose.randrange(count), *counts)) for _ in range(30)]
        result[f"whole_{plane}_ms"] = summarise(whole)
    result["stroke_ms"] = summarise(draw(page, shape, choose))
    result["burst"] = send_burst(page, burst)
    result["memory_mib"] = page.peak / 2**20
    return result


def draw(page: Page, shape: Triple, choose: random.Random) -> list[float]:
    """Seconds from a stroke to the word that it is saved."""
    seconds = []
    headers = {"Cookie": page.cookie}
    origin: Any = f"http://127.0.0.1:{page.port}"
    with connect(f"ws://127.0.0.1:{page.port}/socket", origin=origin, additional_headers=headers) as socket:
        for number in range(1, 201):
            x, y = (choose.uniform(50, length - 50) for length in (shape[2], shape[1]))
            points = [[x + step, y + step / 2, 1] for step in range(40)]
            gesture = {"tool": "brush", "z": number // 50, "phase": number % 2, "points": points}
            began = time.perf_counter()
            socket.send(json.dumps({"type": "gesture", "id": number, "gesture": gesture}))
            while json.loads(socket.recv()).get("id") != number:
                pass
            seconds.append(time.perf_counter() - began)
    return seconds


def send_burst(page: Page, count: int) -> dict[str, Any]:
    """Strokes that are sent without waiting for answers: how many are saved a second, the most memory, how much of it
    they added, and how long the project and a tile take meanwhile."""
    before, others, ended = page.process.memory_info().rss, list[float](), threading.Event()

    def ask() -> None:
        while not ended.wait(0.5):
            others.append(page.fetch(["/api/project", "/tiles/images/xy/0/5/0/0"]))

    asker = threading.Thread(target=ask)
    headers = {"Cookie": page.cookie}
    origin: Any = f"http://127.0.0.1:{page.port}"
    address = f"ws://127.0.0.1:{page.port}/socket"

    async def work() -> int:
        # Reads while it writes, as a browser does.
        peak = saved = 0
        # Its own pings would wait behind the strokes: the server reads as fast as it saves.
        more: Any = {"additional_headers": headers, "ping_interval": None}
        async with asynchronous.connect(address, origin=origin, **more) as socket:

            async def send() -> None:
                for number in range(count):
                    points = [[number % 900, 40], [50, 60]]
                    gesture = {"tool": "brush", "z": 5, "phase": number % 2, "points": points}
                    await socket.send(json.dumps({"type": "gesture", "id": 10**9 + number, "gesture": gesture}))

            sender = asyncio.create_task(send())
            while saved < count:
                saved += json.loads(await socket.recv())["type"] == "saved"
                if saved % 500 == 0:
                    peak = max(peak, page.process.memory_info().rss)
            await sender
        return peak

    began = time.perf_counter()
    asker.start()
    try:
        peak = asyncio.run(work())
    finally:
        ended.set()
        asker.join()
    return {
        "strokes": count,
        "per_s": round(count / (time.perf_counter() - began), 1),
        "memory_mib": peak / 2**20,
        "memory_added_mib": (peak - before) / 2**20,
        "others_ms": summarise(others or [0.0]),
    }


def summarise(seconds: list[float]) -> dict[str, float]:
    """Median and 95th percentile, in ms."""
    low, high = np.percentile(np.array(seconds) * 1000, (50, 95))
    return {"median": round(float(low), 1), "p95": round(float(high), 1)}


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--work", type=Path, required=True)
    parser.add_argument("--shape", type=int, nargs=3, default=[960, 1250, 1250])
    parser.add_argument("--large", type=int, nargs=3, default=[2400, 2048, 2048], help="of a stack for the memory")
    parser.add_argument("--burst", type=int, default=100_000, help="strokes that are sent without waiting")
    options = parser.parse_args()
    options.work.mkdir(parents=True, exist_ok=True)
    results: dict[str, Any] = {}
    runs: list[tuple[str, list[int], bool]] = [
        ("alone", options.shape, False),
        ("while a network is trained", options.shape, True),
        ("large stack, alone", options.large, False),
    ]
    for name, edges, trained in runs:
        shape = triple(edges)
        stack = make_stack(options.work / f"stack-{'-'.join(map(str, shape))}.ome.zarr", shape)
        with train_beside(stack, options.work, trained), run_studio(stack, options.work) as page:
            results[name] = {
                "shape": list(shape),
                **measure(page, shape, options.burst if name == "alone" else 1000),
                "load": os.getloadavg()[0],
            }
        print(name, json.dumps(results[name], indent=1))
    write_results("studio_server", results)


if __name__ == "__main__":
    main()
