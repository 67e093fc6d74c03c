"""The review of labels through the server goes on after a restart."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

from studio_browser import Browser, open_tab, run_studio


def ask(browser: Browser, path: str, body: Any = None, *, status: int = 200) -> dict[str, Any]:
    answer = browser.ask("GET" if body is None else "POST", path, body)
    assert answer[0] == status, answer[2]
    content: dict[str, Any] = json.loads(answer[2])
    return content


def test_review_goes_on(stack: Path, tmp_path: Path) -> None:
    project = tmp_path / "project"
    with run_studio(project, stack) as browser, open_tab(browser) as tab:
        for z in (2, 12):
            tab.paint(z, 8, 8)
        told = ask(browser, "/api/review")
        assert [(stop["pass"], stop["z"]) for stop in told["stops"]] == [(1, 2), (1, 12), (2, 7)]
        told = ask(browser, "/api/review/mark", {"id": told["next"], "mark": "done"})
        told = ask(browser, "/api/review/mark", {"id": told["next"], "mark": "skip"})
        assert told["next"] == "2-7"
        assert ask(browser, "/api/review/back", {})["next"] == "1-12"
    with run_studio(project, stack) as browser:
        assert ask(browser, "/api/review")["next"] == "1-12"
        for body in ({"id": "9-9", "mark": "done"}, {"id": ["1"], "mark": "done"}, {"id": "2-7", "mark": "burn"}):
            assert ask(browser, "/api/review/mark", body, status=400)["error"]
