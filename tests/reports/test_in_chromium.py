"""The page in a real browser: its scripts run, follow the address, and complain about nothing."""

from __future__ import annotations

import re
import shutil
import subprocess
from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from keramos.reports import ReportContent, write_report

CHROMIUM = shutil.which("chromium") or shutil.which("chromium-browser") or shutil.which("google-chrome")
pytestmark = [
    pytest.mark.chromium,
    pytest.mark.skipif(CHROMIUM is None, reason="no chromium on this machine"),
]


@pytest.fixture(scope="module")
def file(content: ReportContent, tmp_path_factory: pytest.TempPathFactory) -> Path:
    target = tmp_path_factory.mktemp("chromium") / "page.html"
    write_report(content, target)
    return target


def loaded(file: Path, fragment: str, *more: str) -> tuple[dict[str, dict[str, str]], list[str]]:
    """The state that each viewer shows, and what the console said."""
    command = [
        str(CHROMIUM),
        "--headless",
        "--no-sandbox",
        "--disable-gpu",
        "--virtual-time-budget=5000",
        "--dump-dom",
        "--enable-logging=stderr",
        "--v=0",
        f"--user-data-dir={file.parent / 'profile'}",
        *more,
        f"{file.as_uri()}#{fragment}",
    ]
    done = subprocess.run(command, capture_output=True, text=True, timeout=90, check=True)
    viewers = {
        name: dict(re.findall(r'data-([a-z]+)="([^"]*)"', tag))
        for tag, name in re.findall(r'(<figure class="viewer" id="([a-z-]+)"[^>]*>)', done.stdout)
    }
    return viewers, [line for line in done.stderr.splitlines() if "CONSOLE" in line and "GL Driver Message" not in line]


def loaded_surface(file: Path, *more: str) -> tuple[dict[str, dict[str, str]], list[str]]:
    """The same at the surface. Now and then Chromium gives the page before it has scrolled there: once more, then."""
    for _ in range(3):
        viewers, console = loaded(file, "surface", *more)
        if "webgl" in viewers["surface-view"]:
            break
    return viewers, console


def test_the_slider_follows_the_address_and_a_picture_is_drawn(file: Path) -> None:
    viewers, console = loaded(file, "z=3&layer=1&blend=80")
    browser = viewers["slice-browser"]
    expected = {"ready": "yes", "z": "3", "drawn": "3", "layer": "1", "blend": "80"}
    assert {key: browser[key] for key in expected} == expected
    assert "webgl" not in viewers["surface-view"], "not made before it comes near the window"
    assert [line for line in console if "WebGL" not in line] == [], "software WebGL may be refused"


def test_the_surface_is_drawn_where_webgl_is(file: Path) -> None:
    viewers, console = loaded_surface(file, "--use-angle=swiftshader", "--enable-unsafe-swiftshader")
    surface = viewers["surface-view"]
    if surface["webgl"] == "none":
        pytest.skip("this chromium has no WebGL")
    assert (surface["webgl"], surface["error"], surface["drawn"]) == ("ok", "0", "0")
    assert int(surface["triangles"]) > 0
    assert console == []


def test_a_page_of_images_alone_runs_too(content: ReportContent, tmp_path: Path) -> None:
    write_report(ReportContent("Only images", content.volume), tmp_path / "page.html")
    viewers, console = loaded(tmp_path / "page.html", "z=0")
    assert viewers["slice-browser"]["drawn"] == "0"
    assert viewers["slice-browser"]["layer"] == "-1"
    assert "surface-view" not in viewers
    assert console == []


def test_without_webgl_the_still_picture_is_shown(file: Path) -> None:
    viewers, console = loaded_surface(file, "--disable-3d-apis")
    assert viewers["surface-view"]["webgl"] == "none"
    assert "drawn" not in viewers["surface-view"]
    assert viewers["slice-browser"]["ready"] == "yes"
    assert console == []


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_lines_are_painted_in_the_colours_of_the_theme(file: Path, tmp_path: Path, scheme: str) -> None:
    shot = tmp_path / "page.png"
    blink = f"--blink-settings=preferredColorScheme={'0' if scheme == 'dark' else '1'}"
    loaded(file, "", blink, f"--screenshot={shot}", "--window-size=1000,6000", "--hide-scrollbars")
    pixels = np.asarray(Image.open(shot).convert("RGB"))
    light, dark = ((0x00, 0x72, 0xB2), (0xD5, 0x5E, 0x00)), ((0x56, 0xB4, 0xE9), (0xFF, 0x9E, 0x4A))
    for colour in dark if scheme == "dark" else light:
        assert (pixels == colour).all(axis=2).sum() > 50, colour
    assert not (pixels == (dark if scheme == "light" else light)[1]).all(axis=2).any()


def printed_pages(file: Path, target: Path) -> int:
    """The number of sheets that a page takes on paper."""
    options = ["--headless", "--no-sandbox", "--disable-gpu", "--no-pdf-header-footer", "--virtual-time-budget=5000"]
    command = [str(CHROMIUM), *options, f"--user-data-dir={file.parent / 'profile'}", f"--print-to-pdf={target}"]
    subprocess.run([*command, file.as_uri()], capture_output=True, timeout=90, check=True)
    return len(re.findall(rb"/Type\s*/Page\b", target.read_bytes()))


def test_what_is_folded_is_not_printed(file: Path, tmp_path: Path) -> None:
    unfolded = tmp_path / "unfolded.html"
    unfolded.write_text(file.read_text(encoding="utf-8").replace("<details", "<details open"), encoding="utf-8")
    folded = printed_pages(file, tmp_path / "folded.pdf")
    assert 0 < folded < printed_pages(unfolded, tmp_path / "unfolded.pdf")
