"""A report in Chromium, and what axe-core finds on it."""

from __future__ import annotations

import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

CHROMIUM = shutil.which("chromium") or shutil.which("chromium-browser") or shutil.which("google-chrome")
AXE = Path(__file__).parents[2] / "tools" / "page-check" / "node_modules" / "axe-core" / "axe.min.js"
"""What `npm ci` in tools/page-check puts there."""

WINDOWS: dict[str, dict[str, Any]] = {
    "desktop": {"viewport": {"width": 1366, "height": 900}},
    "dark": {"viewport": {"width": 1366, "height": 900}, "color_scheme": "dark"},
    "phone": {"viewport": {"width": 390, "height": 844}, "is_mobile": True},
}
_LEVEL_AA = ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa"]


@contextmanager
def open_report(file: Path, window: str) -> Iterator[Any]:
    """The page in a window of `WINDOWS`."""
    from playwright.sync_api import sync_playwright

    with sync_playwright() as playwright:
        chromium = playwright.chromium.launch(executable_path=CHROMIUM, args=["--no-sandbox"])
        page = chromium.new_context(**WINDOWS[window], bypass_csp=True).new_page()
        page.goto(file.as_uri())
        yield page
        chromium.close()


def find_violations(page: Any) -> list[str]:
    """Each violation of WCAG 2.2 AA on a page with all its parts unfolded: the rule, and the first place of it."""
    page.evaluate("for (const part of document.querySelectorAll('details')) part.open = true")
    page.add_script_tag(path=str(AXE))
    found = page.evaluate("(tags) => axe.run({ runOnly: { type: 'tag', values: tags } })", _LEVEL_AA)
    if found["passes"] == []:
        raise AssertionError("axe-core checked nothing")
    return [f"{rule['id']} ({len(rule['nodes'])}): {rule['nodes'][0]['html'][:160]}" for rule in found["violations"]]
