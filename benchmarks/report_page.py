"""How large a report is, how soon it opens in Chromium, and what axe-core finds on it.

Of a demo's folder the page is written anew; a folder that is not there is made by `keramos demo`. Opening is timed in
the page, from the request to the end of the load event and to the first picture; Chromium draws by software here.

    python benchmarks/report_page.py --demo DIR [--repeat 7]
"""

from __future__ import annotations

import argparse
import tempfile
from pathlib import Path
from statistics import median
from typing import Any

from measured import write_results
from report_browser import WINDOWS, find_violations, open_report

import keramos

_TIMES = """() => {
  const [visit] = performance.getEntriesByType("navigation");
  const [paint] = performance.getEntriesByName("first-contentful-paint");
  return { load: visit.loadEventEnd, paint: paint ? paint.startTime : null };
}"""


def time_opening(file: Path, repeat: int) -> dict[str, Any]:
    """Milliseconds until the page is loaded and until something is seen, of fresh browsers."""
    times = []
    for _ in range(repeat):
        with open_report(file, "desktop") as page:
            page.wait_for_timeout(300)
            times.append(page.evaluate(_TIMES))
    return {
        name: {"median_ms": round(median(row[name] for row in times)), "runs_ms": [round(row[name]) for row in times]}
        for name in ("load", "paint")
    }


def measure_height(file: Path, window: str) -> dict[str, int]:
    """Pixels from the top of the page to its end and to the 3-D view, and those that it is wider than the window."""
    with open_report(file, window) as page:
        found: dict[str, int] = page.evaluate("""() => ({
          page: document.documentElement.scrollHeight,
          surface: Math.round(document.getElementById("surface").getBoundingClientRect().top + scrollY),
          too_wide: Math.max(0, document.documentElement.scrollWidth - innerWidth) })""")
        return found


def find_all_violations(file: Path) -> dict[str, list[str]]:
    """What axe-core finds in each kind of window."""
    found = {}
    for window in WINDOWS:
        with open_report(file, window) as page:
            found[window] = find_violations(page)
    return found


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--demo", type=Path, required=True)
    parser.add_argument("--repeat", type=int, default=7)
    asked = parser.parse_args()
    if not asked.demo.exists():
        keramos.demo(out=asked.demo)
    with tempfile.TemporaryDirectory() as folder:
        file = Path(folder) / "report.html"
        keramos.report((asked.demo,), out=file)
        results = {
            "bytes": file.stat().st_size,
            "opening": time_opening(file, asked.repeat),
            "pixels": {window: measure_height(file, window) for window in WINDOWS},
            "axe_violations": find_all_violations(file),
        }
    write_results("report_page", results)


if __name__ == "__main__":
    main()
