"""The house keeps its floors and doors: imports descend, each big library has one door, `import keramos` is light."""

from __future__ import annotations

import ast
import subprocess
import sys
from collections.abc import Iterator
from functools import cache
from graphlib import CycleError, TopologicalSorter
from pathlib import Path

import pytest

SOURCE = Path(__file__).resolve().parents[1] / "src" / "keramos"
FILES = [path.relative_to(SOURCE) for path in SOURCE.rglob("*.py")]

FLOORS = {
    "version": 0,
    "core": 0,
    "settings": 1,
    "blocks": 1,
    "acquisition": 1,
    "io": 2,
    "networks": 3,
    "simulation": 3,
    "preparation": 3,
    "measurements": 3,
    "scoring": 3,
    "estimators": 4,
    "segmenters": 4,
    "learning": 5,
    "inspection": 6,
    "annotation": 6,
    "writers": 6,
    "reports": 6,
    "project": 7,
    "__init__": 8,
    "apps": 9,
    "__main__": 10,
}
DOORS = {
    "zarr": ["io"],
    "dask": ["blocks"],
    "distributed": ["blocks"],
    "filelock": ["blocks"],
    "matplotlib": ["reports"],
    "cyclopts": ["apps/cli"],
    "rich": ["apps/cli"],
    "starlette": ["apps/studio"],
    "uvicorn": ["apps/studio"],
    "websockets": ["apps/studio"],
    "pydantic": ["project", "io", "networks"],
    "torch": ["networks", "segmenters", "learning"],
    "cc3d": ["measurements", "segmenters/component_filter/candidates.py"],
    "edt": ["measurements"],
    "obstore": ["core/object_store.py"],
    "onnx": ["networks"],
    "onnxruntime": ["networks"],
    "onnxscript": ["networks"],
    "bioimageio": ["writers/bioimageio"],
    "IPython": ["project"],
    "pandas": ["project"],
    "xarray": ["project"],
    "napari": ["apps/napari"],
    "magicgui": ["apps/napari"],
    "qtpy": ["apps/napari"],
}
HEAVY = [
    "torch",
    "dask",
    "matplotlib",
    "zarr",
    "cyclopts",
    "scipy",
    "skimage",
    "pydantic",
    "onnx",
    "bioimageio",
    "obstore",
]
HEAVY += ["napari", "magicgui", "qtpy", "PySide6"]
NOT_FOR_HELP = [name for name in [*HEAVY, "numpy"] if name != "cyclopts"]


def room(file: Path) -> str:
    return file.parts[0] if len(file.parts) > 1 else file.stem


def module_name(file: Path) -> str:
    parts = ("keramos", *file.with_suffix("").parts)
    return ".".join(parts[:-1] if parts[-1] == "__init__" else parts)


MODULES = {module_name(file) for file in FILES}


@cache
def tree_of(file: Path) -> ast.Module:
    return ast.parse((SOURCE / file).read_text("utf-8"), str(file))


def imported(node: ast.AST, file: Path) -> Iterator[str]:
    """Full names of the modules an import statement loads, or a call of `import_optional`."""
    if isinstance(node, ast.Call) and ast.unparse(node.func) == "import_optional":
        yield ast.literal_eval(node.args[0])
    if isinstance(node, ast.Import):
        yield from (alias.name for alias in node.names)
    if isinstance(node, ast.ImportFrom):
        package = ("keramos", *file.parts[:-1])
        base = ".".join(package[: len(package) - node.level + 1]) if node.level else ""
        source = ".".join(part for part in (base, node.module) if part)
        for alias in node.names:
            yield f"{source}.{alias.name}" if f"{source}.{alias.name}" in MODULES else source


def imports(file: Path) -> set[str]:
    return {name for node in ast.walk(tree_of(file)) for name in imported(node, file)}


def imports_on_loading(file: Path) -> set[str]:
    return {name for node in tree_of(file).body for name in imported(node, file)} & MODULES


def test_every_room_has_a_floor() -> None:
    assert {room(file) for file in FILES} <= set(FLOORS)


def test_imports_descend() -> None:
    wrong = []
    for file in FILES:
        here = room(file)
        for name in imports(file):
            if not name.startswith("keramos.") or (there := name.split(".")[1]) == here:
                continue
            if not (FLOORS[there] < FLOORS[here] or FLOORS[there] == FLOORS[here] == 0):
                wrong.append(f"{file} (floor {FLOORS[here]}) imports {name} (floor {FLOORS[there]})")
    assert not wrong


def test_each_library_has_one_door() -> None:
    used = [(file, name) for file in FILES for name in {name.split(".")[0] for name in imports(file)} & set(DOORS)]
    assert {name for _, name in used} > {"zarr", "torch", "dask"}
    outside = [(file, name) for file, name in used if not any(Path(d) in (file, *file.parents) for d in DOORS[name])]
    assert not outside, [f"{file} imports {name}" for file, name in outside]


def test_only_adapters_print_and_only_workflow_reads_the_environment() -> None:
    wrong = []
    for file in FILES:
        floor = FLOORS[room(file)]
        for node in ast.walk(tree_of(file)):
            words = ast.unparse(node) if isinstance(node, ast.Name | ast.Attribute) else ""
            if floor < 9 and words in ("print", "sys.stdout", "sys.stderr"):
                wrong.append(f"{file}:{node.lineno} prints")
            if floor < 7 and words in ("os.environ", "os.getenv", "sys.argv"):
                wrong.append(f"{file}:{node.lineno} reads {words}")
    assert not wrong


def test_no_import_cycles() -> None:
    graph = {module_name(file): imports_on_loading(file) - {module_name(file)} for file in FILES}
    try:
        TopologicalSorter(graph).prepare()
    except CycleError as error:
        pytest.fail(f"import cycle: {' -> '.join(error.args[1])}")


def test_importing_keramos_is_light() -> None:
    check = f"import keramos, sys; print([name for name in {HEAVY} if name in sys.modules])"
    done = subprocess.run([sys.executable, "-c", check], capture_output=True, text=True, check=True, timeout=60)
    assert done.stdout.strip() == "[]"


@pytest.mark.parametrize("command", ["segment", "quantify", "train", "check", "report"])
def test_the_help_of_a_command_waits_for_no_network_and_no_numbers(command: str) -> None:
    loaded = ["torch", "dask", "matplotlib", "zarr", "scipy.ndimage", "skimage.filters", "pydantic", "onnxruntime"]
    check = (
        f"import sys; from keramos.apps.cli.main import run; status = run([{command!r}, '--help']); "
        f"print([name for name in {loaded} if name in sys.modules], status, file=sys.stderr)"
    )
    done = subprocess.run([sys.executable, "-c", check], capture_output=True, text=True, check=True, timeout=60)
    assert done.stderr.strip() == "[] 0"


def test_the_help_waits_for_no_library_but_that_of_the_command_line() -> None:
    check = (
        "import sys; from keramos.apps.cli.main import run; status = run(['--help']); "
        f"print([name for name in {NOT_FOR_HELP} if name in sys.modules], status, file=sys.stderr)"
    )
    done = subprocess.run([sys.executable, "-c", check], capture_output=True, text=True, check=True, timeout=60)
    assert done.stderr.strip() == "[] 0"
    assert "quantify" in done.stdout
