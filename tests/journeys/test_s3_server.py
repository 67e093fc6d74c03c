"""Stores in a bucket of a real server: commands in processes of their own, over sockets."""

from __future__ import annotations

import json
import os
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path

import numpy as np
import obstore
import pytest
from obstore.store import S3Store
from s3_server import CREDENTIALS, Gate, serve_s3
from studio_browser import open_tab, pixels_of, run_studio

from keramos.core import Volume, VoxelSize, object_store
from keramos.core.object_path import as_path
from keramos.io import open_labels, open_volume, save_volume

pytestmark = pytest.mark.s3
ROOT = Path(__file__).resolve().parents[2]
MEMORY = "417MiB"
"""Blocks of one chunk: six for the stack below."""


@pytest.fixture(scope="module")
def server() -> Iterator[int]:
    with serve_s3() as port:
        yield port


@pytest.fixture(scope="module")
def bucket(server: int) -> S3Store:
    names = {name.lower(): value for name, value in CREDENTIALS.items() if name != "AWS_ALLOW_HTTP"}
    return S3Store(
        "lab", config={**names, "aws_endpoint_url": f"http://127.0.0.1:{server}"}, client_options={"allow_http": True}
    )


@pytest.fixture(scope="module")
def stack(tmp_path_factory: pytest.TempPathFactory) -> Path:
    rng = np.random.default_rng(0)
    grey = np.where(rng.random((96, 48, 64)) < 0.3, 40, 160) + rng.integers(0, 30, (96, 48, 64))
    path = tmp_path_factory.mktemp("stack") / "images.ome.zarr"
    save_volume(path, Volume.from_array(grey.astype(np.uint8), VoxelSize(20, 20, 20)))
    return path


@pytest.fixture(scope="module")
def images(bucket: S3Store, stack: Path) -> str:
    for file in stack.rglob("*"):
        if file.is_file():
            obstore.put(bucket, f"in/images.ome.zarr/{file.relative_to(stack).as_posix()}", file.read_bytes())
    return "s3://lab/in/images.ome.zarr"


@pytest.fixture(scope="module")
def undisturbed(bucket: S3Store, images: str, server: int) -> dict[str, bytes]:
    """The objects of a segmentation that nothing happened to."""
    done = keramos(server, *segmentation(images, "undisturbed"))
    assert done.returncode == 0, done.stderr
    return content(bucket, "undisturbed")


def segmentation(images: str, name: str) -> list[str]:
    out = f"s3://lab/out/{name}.ome.zarr"
    return ["segment", images, "--model", "otsu", "--memory", MEMORY, "--remove-specks", "9", "--out", out]


def start(port: int, *arguments: object) -> subprocess.Popen[str]:
    found = {"AWS_ENDPOINT_URL": f"http://127.0.0.1:{port}", "PYTHONPATH": str(ROOT / "src")}
    return subprocess.Popen(
        [sys.executable, "-m", "keramos", *map(str, arguments)],
        env={**os.environ, **CREDENTIALS, **found},
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    )


def keramos(port: int, *arguments: object) -> subprocess.CompletedProcess[str]:
    process = start(port, *arguments)
    out, err = process.communicate(timeout=300)
    return subprocess.CompletedProcess(arguments, process.returncode, out, err)


def content(bucket: S3Store, name: str) -> dict[str, bytes]:
    """All objects of a segmentation, the log apart."""
    root = f"out/{name}.ome.zarr"
    keys = [row["path"] for rows in obstore.list(bucket, root) for row in rows if not row["path"].endswith(".jsonl")]
    return {key.removeprefix(root): bytes(obstore.get(bucket, key).bytes()) for key in keys}


def test_it_is_read_and_measured_as_in_a_folder(images: str, stack: Path, server: int, tmp_path: Path) -> None:
    for verb in ("info", "check"):
        facts = []
        for number, place in enumerate((images, stack)):
            done = keramos(server, verb, place, "--json", tmp_path / f"{verb}-{number}.json")
            assert done.returncode == 0, done.stderr
            facts.append(json.loads((tmp_path / f"{verb}-{number}.json").read_text()))
        same = {"path": "", "images": "", "written_by": ""}
        assert {**facts[0], **same} == {**facts[1], **same}
        assert images in facts[0]["written_by"].values()


def test_a_segmentation_is_that_of_a_folder(
    undisturbed: dict[str, bytes], stack: Path, server: int, tmp_path: Path
) -> None:
    out = tmp_path / "s.ome.zarr"
    done = keramos(server, *segmentation(str(stack), "x")[:-1], out)
    assert done.returncode == 0, done.stderr
    files = [path for path in out.rglob("*") if path.is_file() and "/c/" in path.as_posix()]
    assert len(files) > 5
    wanted = {f"/{path.relative_to(out).as_posix()}": path.read_bytes() for path in files}
    assert {name: each for name, each in undisturbed.items() if "/c/" in name} == wanted
    quantities = keramos(server, "quantify", "s3://lab/out/undisturbed.ome.zarr", "--no-transport")
    assert quantities.returncode == 0, quantities.stderr


def test_a_killed_run_goes_on_to_the_same_bytes(
    undisturbed: dict[str, bytes], bucket: S3Store, images: str, server: int
) -> None:
    command = segmentation(images, "killed")
    process = start(server, *command)
    parts = "out/killed.ome.zarr/keramos-ledger.jsonl.parts"
    while process.poll() is None and not any(obstore.list(bucket, parts)):
        time.sleep(0.01)
    assert process.poll() is None, "it has ended before it could be killed"
    process.kill()
    process.communicate()
    done = keramos(server, *command)
    assert done.returncode == 0, done.stderr
    assert "resuming s3://lab/out/killed.ome.zarr" in done.stderr
    assert content(bucket, "killed") == undisturbed


@pytest.mark.parametrize("part", ["/labels/segmentation/0/c/2", "raw-labels.ome.zarr/labels/segmentation/0/c/3"])
def test_a_server_that_fails_is_said_in_one_sentence_and_the_run_goes_on(
    part: str, undisturbed: dict[str, bytes], bucket: S3Store, images: str, server: int
) -> None:
    command = segmentation(images, f"failed-{len(part)}")
    gate = Gate(server, lambda line: line.startswith("PUT ") and part in line)
    failed = keramos(gate.port, *command)
    assert failed.returncode == 2
    lines = [line for line in failed.stderr.splitlines() if line.startswith("keramos: ")]
    assert len(lines) == 1
    assert "no answer; check AWS_ENDPOINT_URL and the network; then run the same command again" in lines[0]
    assert "Traceback" not in failed.stderr
    done = keramos(server, *command)
    assert done.returncode == 0, done.stderr
    assert content(bucket, f"failed-{len(part)}") == undisturbed


def test_two_workers_write_the_same_bytes(
    undisturbed: dict[str, bytes], bucket: S3Store, images: str, server: int
) -> None:
    command = segmentation(images, "workers")
    done = keramos(server, *command[:5], "1600MiB", *command[6:], "--workers", "2")
    assert done.returncode == 0, done.stderr
    assert {k: v for k, v in content(bucket, "workers").items() if "/c/" in k} == {
        k: v for k, v in undisturbed.items() if "/c/" in k
    }


def test_a_recipe_takes_a_stack_in_a_bucket_and_skips_what_is_done(images: str, server: int, tmp_path: Path) -> None:
    tables = f'[stack]\nimages = "{images}"\n[segment]\nmodel = "otsu"\n[export]\nto = "tiff"\n'
    (tmp_path / "recipe.toml").write_text(tables)
    for state in ("new", "up to date"):
        done = keramos(server, "run", tmp_path / "recipe.toml", "--json", tmp_path / "steps.json")
        assert done.returncode == 0, done.stderr
        assert {step["state"] for step in json.loads((tmp_path / "steps.json").read_text())["steps"]} == {state}
        (tmp_path / "steps.json").unlink()
    proposed = keramos(server, "start", images, "--out", tmp_path / "proposed.toml")
    assert proposed.returncode == 0, proposed.stderr
    assert f'images = "{images}"' in (tmp_path / "proposed.toml").read_text()


@pytest.mark.usefixtures("undisturbed")
def test_a_report_is_written_on_a_segmentation_in_a_bucket(server: int, tmp_path: Path) -> None:
    done = keramos(server, "report", "s3://lab/out/undisturbed.ome.zarr", "--out", tmp_path / "r.html")
    assert done.returncode == 0, done.stderr
    assert "s3://lab/in/images.ome.zarr" in (tmp_path / "r.html").read_text(encoding="utf-8")


def test_a_studio_shows_a_stack_in_a_bucket_and_segments_it(
    images: str, stack: Path, server: int, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    for name, value in {**CREDENTIALS, "AWS_ENDPOINT_URL": f"http://127.0.0.1:{server}"}.items():
        monkeypatch.setenv(name, value)
    monkeypatch.setenv("PYTHONPATH", str(ROOT / "src"))
    monkeypatch.chdir(tmp_path)
    object_store._make_client.cache_clear()
    with run_studio(tmp_path / "project", as_path(images)) as page, open_tab(page) as tab:
        assert np.array_equal(pixels_of(page, "/tiles/images/xy/0/7/0/0"), open_volume(stack).read()[7])
        options = {"images": images, "model": "otsu"}
        status, _, body = page.ask("POST", "/api/run", {"verb": "segment", "options": options})
        assert status == 200, body
        while (job := tab.wait_for("job")["job"])["state"] in ("waiting", "running"):
            pass
    assert job["state"] == "done", job
    assert open_labels(job["options"]["out"]).shape == (96, 48, 64)
    object_store._make_client.cache_clear()


def test_what_cannot_be_done_is_refused_in_one_sentence(images: str, server: int, tmp_path: Path) -> None:
    refused = {
        "s3://nobucket/x.ome.zarr": "no such bucket",
        "s3://lab/in/nothing.ome.zarr": "found nothing at s3://lab/in/nothing.ome.zarr",
        "s3://lab/in/images.ome.zarr/zarr.json": "expected an OME-Zarr in an object store",
    }
    for place, wanted in refused.items():
        done = keramos(server, "info", place)
        assert (done.returncode, len(done.stderr.splitlines())) == (2, 1), done.stderr
        assert wanted in done.stderr
    done = keramos(server, "quantify", images, "--out", "s3://lab/out/q")
    assert done.returncode == 2
    assert "expected a path on a disk for a set of quantities" in done.stderr
