"""The documentation site, as far as it can be checked without its generator: .ci/run builds it in strict mode."""

from __future__ import annotations

import re
from importlib.util import module_from_spec, spec_from_file_location
from pathlib import Path, PurePosixPath
from types import ModuleType

import pytest

ROOT = Path(__file__).resolve().parents[1]


@pytest.fixture(scope="module")
def site() -> ModuleType:
    spec = spec_from_file_location("keramos_site", ROOT / "tools" / "site.py")
    assert spec is not None
    assert spec.loader is not None
    module = module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


@pytest.fixture(scope="module")
def pages(site: ModuleType, tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder: Path = tmp_path_factory.mktemp("site") / "pages"
    site.stage(folder)
    return folder


def anchors(page: Path) -> set[str]:
    """The headings of a page as links name them."""
    text = re.sub(r"^```.*?^```$", "", page.read_text(encoding="utf-8"), flags=re.MULTILINE | re.DOTALL)
    plain = [re.sub(r"[^\w\s-]", "", head.lower()).strip() for head in re.findall(r"^#+ (.+)$", text, re.MULTILINE)]
    return {re.sub(r"[\s-]+", "-", head) for head in plain}


def test_every_link_of_a_page_leads_somewhere(pages: Path) -> None:
    broken = []
    for page in sorted(pages.rglob("*.md")):
        text = re.sub(r"^```.*?^```$", "", page.read_text(encoding="utf-8"), flags=re.MULTILINE | re.DOTALL)
        for link in re.findall(r"!?\[[^\]]*\]\(([^)\s]+)\)", re.sub(r"`[^`]*`", "", text)):
            path, _, anchor = link.partition("#")
            if ":" in path:
                continue
            target = page.parent / PurePosixPath(path) if path else page
            if not target.is_file() or (anchor and anchor not in anchors(target)):
                broken.append(f"{page.relative_to(pages).as_posix()}: {link}")
    assert not broken


def test_pages_that_the_navigation_does_not_name_are_listed(site: ModuleType, pages: Path, tmp_path: Path) -> None:
    written = site.configuration(pages)
    (pages / "not-yet-in-the-navigation.md").write_text("# New\n", encoding="utf-8")
    try:
        assert "not-yet-in-the-navigation.md" not in written
        assert "not-yet-in-the-navigation.md" in site.configuration(pages)
    finally:
        (pages / "not-yet-in-the-navigation.md").unlink()
    with pytest.raises(SystemExit, match=r"index\.md"):
        site.configuration(tmp_path)


def test_links_in_code_are_left_alone(site: ModuleType, tmp_path: Path) -> None:
    text = "[a](docs/using.md#labels) ![b](docs/demo.png)\n```\n[a](docs/using.md)\n```\n"
    expected = "[a](using.md#labels) ![b](demo.png)\n```\n[a](docs/using.md)\n```\n"
    assert site.with_site_links(text, "README.md", "index.md", tmp_path) == expected


def test_every_public_name_is_on_the_python_page(site: ModuleType) -> None:
    import keramos

    page = site.python_page()
    for name in keramos.__all__:
        if name != "__version__":
            assert re.search(rf"^::: keramos\.\S+\.{name}$|`keramos\.{name}\(", page, re.MULTILINE), name


def test_generated_pages_have_every_member_and_key(pages: Path) -> None:
    from keramos.io.format import FORMATS
    from keramos.project.recipe.schema import STEPS, table_options
    from keramos.segmenters import SEGMENTERS
    from keramos.writers import WRITERS

    members = (pages / "members.md").read_text(encoding="utf-8")
    assert all(f"| `{name}` |" in members for name in (*SEGMENTERS, *WRITERS))
    assert all(f"| {name} |" in members for name in FORMATS)
    _, *tables = re.split(r"^## ", (pages / "recipe-keys.md").read_text(encoding="utf-8"), flags=re.MULTILINE)
    by_name = {part.split("\n")[0]: set(re.findall(r"^\| `(\w+)` \|", part, re.MULTILINE)) for part in tables}
    for step in STEPS:
        assert by_name[f"[{step}]"] == {row.name for row in table_options(step)}


def test_findings_that_are_documented_are_on_the_generated_page(pages: Path) -> None:
    page = (pages / "findings.md").read_text(encoding="utf-8")
    for kind in ("blank-slice", "misplaced-labels", "voxel-size", "noisy-segmentation", "thin-volume"):
        assert f"| `{kind}` |" in page
    rows = re.findall(r"^\| `[\w-]+` \| (\w+) \|", page, re.MULTILINE)
    assert set(rows) == {"note", "warning", "fatal", "depends"}


def test_limits_are_the_numbers_of_the_benchmarks(pages: Path) -> None:
    import json

    page = (pages / "limits.md").read_text(encoding="utf-8")
    bundled = json.loads((ROOT / "benchmarks/results/bundled.json").read_text(encoding="utf-8"))
    assert f"| {bundled['zero-shot sample_002']['iou']:.3f} |" in page
    assert "nan" not in page
    assert "None" not in page
