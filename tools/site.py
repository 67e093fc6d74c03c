"""Build the documentation site: `python tools/site.py --out site`.

The pages are those of `docs/` and a few others of the repository, README.md as the home page. They are copied to a
working folder, where links between files of the repository become links between pages, and Zensical builds them in
strict mode: a broken link or a missing page fails the build. The site opens from the disk, without a server or the
internet. It needs `pip install -c constraints.txt -e ".[docs]"`.
"""

from __future__ import annotations

import argparse
import ast
import json
import os
import re
import shutil
import subprocess
import sys
import tempfile
import tomllib
from collections.abc import Iterator
from pathlib import Path, PurePosixPath
from typing import Any

ROOT = Path(__file__).resolve().parents[1]
sys.path[:0] = [str(ROOT / "tools"), str(ROOT / "src")]

from pages.findings import findings_page  # noqa: E402
from pages.limits import limits_page  # noqa: E402
from pages.members import members_page  # noqa: E402
from pages.recipe_keys import recipe_keys_page  # noqa: E402

OTHER_PAGES = {
    "README.md": "index.md",
    "CHANGELOG.md": "changelog.md",
    "CONTRIBUTING.md": "contributing.md",
    "benchmarks/README.md": "benchmarks.md",
}
LINK = re.compile(r"(!?\[[^\]]*\]\()([^)\s]+)(\))")
REST = "# pages that are not named above"
FENCE = re.compile(r"(^```.*?^```$)", re.MULTILINE | re.DOTALL)


def page_of(path: str) -> str | None:
    """Where a file of the repository lies on the site; none of a file that is no page or picture."""
    if path in OTHER_PAGES:
        return OTHER_PAGES[path]
    return path.removeprefix("docs/") if path.startswith("docs/") and not path.endswith(".py") else None


def stage(pages: Path) -> None:
    """Copy all pages, pictures and the files that pages link to."""
    sources = [path.relative_to(ROOT).as_posix() for path in (ROOT / "docs").rglob("*") if path.is_file()]
    for source in [*OTHER_PAGES, *sources]:
        target = page_of(source)
        if target is None:
            continue
        (pages / target).parent.mkdir(parents=True, exist_ok=True)
        if target.endswith(".md"):
            text = (ROOT / source).read_text(encoding="utf-8")
            (pages / target).write_text(with_site_links(text, source, target, pages), encoding="utf-8")
        else:
            shutil.copy(ROOT / source, pages / target)
    for target, make in GENERATED.items():
        (pages / target).write_text(with_site_links(make(), f"docs/{target}", target, pages), encoding="utf-8")


def with_site_links(text: str, source: str, target: str, pages: Path) -> str:
    """A page whose links to files of the repository are links on the site; linked files that are no page are copied."""

    def mended(match: re.Match[str]) -> str:
        path, mark, anchor = match[2].partition("#")
        if not path or ":" in path:
            return match[0]
        file = os.path.normpath(PurePosixPath(source).parent / path)
        place = page_of(PurePosixPath(file).as_posix())
        if place is None and (ROOT / file).is_file():
            place = f"files/{PurePosixPath(file).name}"
            (pages / "files").mkdir(exist_ok=True)
            shutil.copy(ROOT / file, pages / place)
        if place is None:
            return match[0]
        link = PurePosixPath(os.path.relpath(place, PurePosixPath(target).parent)).as_posix()
        return f"{match[1]}{link}{mark}{anchor}{match[3]}"

    parts = FENCE.split(text)
    return "".join(part if part.startswith("```") else LINK.sub(mended, part) for part in parts)


def python_page() -> str:
    """The page of the Python names: verbs with a link to their options, then everything else from its docstring."""
    stub = ast.parse((ROOT / "src/keramos/__init__.pyi").read_text(encoding="utf-8"))
    origin = {
        name.name: f"keramos.{node.module}.{name.name}"
        for node in stub.body
        if isinstance(node, ast.ImportFrom)
        for name in node.names
        if name.name != "__version__"
    }
    commands = set(re.findall(r"^## (\S+)$", (ROOT / "docs/reference.md").read_text(encoding="utf-8"), re.MULTILINE))
    verbs = [name for name in sorted(origin) if name.replace("_", "-") in commands]
    lines = [
        "# Python",
        "`import keramos` gives all names of this page; what is heavy is imported when it is first used.",
        "## Verbs",
        "Every command is a function. It takes the options of the command by keyword, `-` written as `_`, and returns"
        " the result as a value; `help(keramos.train)` lists them. `reporter=` takes a `Reporter` for progress.",
        "\n".join(
            ["| function | options |", "| --- | --- |"]
            + [f"| `keramos.{v}(...)` | [{v.replace('_', '-')}](reference.md#{v.replace('_', '-')}) |" for v in verbs]
        ),
        "## Values and functions",
        *(f"::: {path}" for name, path in sorted(origin.items()) if name not in verbs),
    ]
    return "\n\n".join(lines) + "\n"


GENERATED = {
    "api.md": python_page,
    "findings.md": findings_page,
    "limits.md": limits_page,
    "members.md": members_page,
    "recipe-keys.md": recipe_keys_page,
}
"""Pages that are made anew for each site, from the code and from benchmarks/results."""


def configuration(pages: Path) -> str:
    """The configuration of the repository's root, with the pages that its navigation does not name under "More"."""
    text = (ROOT / "zensical.toml").read_text(encoding="utf-8")
    assert text.count(REST) == 1
    named = set(named_pages(tomllib.loads(text)["project"]["nav"]))
    there = {path.relative_to(pages).as_posix() for path in pages.rglob("*.md")}
    if named - there:
        raise SystemExit(f"zensical.toml names pages that are not there: {', '.join(sorted(named - there))}")
    more = sorted(there - named)
    return text.replace(REST, f'{{ "More" = {json.dumps(more)} }},' if more else "")


def named_pages(nav: Any) -> Iterator[str]:
    """The pages of a navigation."""
    if isinstance(nav, str):
        yield nav
    for entry in nav.values() if isinstance(nav, dict) else nav if isinstance(nav, list) else ():
        yield from named_pages(entry)


def build(work: Path) -> bool:
    """Build the staged pages; whether nothing was complained of."""
    shutil.copy(ROOT / "tools/docstring_sections.py", work)
    around = {
        **os.environ,
        "NO_COLOR": "1",
        "PYTHONPATH": os.pathsep.join([str(ROOT / "src"), os.environ.get("PYTHONPATH", "")]),
    }
    command = [sys.executable, "-m", "zensical", "build", "--strict", "--clean"]
    done = subprocess.run(command, cwd=work, env=around, check=False, text=True, capture_output=True)
    print(done.stdout + done.stderr, end="")
    # Strict mode does not count what the readers of docstrings complain of.
    return done.returncode == 0 and not re.search(r"^(griffe|mkdocstrings|mkdocs_autorefs):", done.stderr, re.MULTILINE)


def load_nothing_from_elsewhere(site: Path) -> None:
    """Make the pages work from the disk alone: the one script that they would load from the internet is beside them."""
    for page in site.rglob("*.html"):
        text = page.read_text(encoding="utf-8")
        up = "../" * (len(page.relative_to(site).parts) - 1)
        text = text.replace("https://unpkg.com/iframe-worker/shim", f"{up}site/iframe-worker.js")
        if re.search(r"<(script|link rel=.?stylesheet)[^>]*https?://", text):
            raise SystemExit(f"{page.name} loads something from the internet")
        page.write_text(text, encoding="utf-8")


def main() -> int:
    parser = argparse.ArgumentParser(description="Build the documentation site.")
    parser.add_argument("--out", type=Path, default=ROOT / "build" / "site", help="folder of the site, replaced")
    parser.add_argument("--archive", type=Path, help="also pack the site as this .zip, for reading offline")
    options = parser.parse_args()
    with tempfile.TemporaryDirectory() as folder:
        work = Path(folder)
        stage(work / "pages")
        (work / "zensical.toml").write_text(configuration(work / "pages"), encoding="utf-8")
        if not build(work):
            return 1
        load_nothing_from_elsewhere(work / "site")
        shutil.rmtree(options.out, ignore_errors=True)
        shutil.copytree(work / "site", options.out)
    if options.archive:
        shutil.make_archive(str(options.archive.with_suffix("")), "zip", options.out)
    return 0


if __name__ == "__main__":
    sys.exit(main())
