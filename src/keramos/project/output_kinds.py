"""The kinds of output that verbs declare: the files that one consists of, and how an earlier one is told from other
files, by reading it."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from keramos.measurements.tables import CURVE_COLUMNS, ROW_COLUMNS
from keramos.project.proposed_recipe import RECIPE_MARK

POINT_COLUMNS = ("panel", "line", "x", "y", "x axis", "y axis", "low", "high")
"""The head of a table of a chart's points, as `keramos.reports.figure_points` writes it."""

UNFINISHED_PASS, UNFINISHED_OBJECTS = "quantify.unfinished", "objects.unfinished"
"""What an unfinished run keeps in the folder of its quantities."""
_START, _PNG = 2**12, b"\x89PNG\r\n\x1a\n"
IsOwn = Callable[[Path], bool]


def _is_model(file: Path) -> bool:
    """A safetensors file with a model card: the header's length, then JSON."""
    return b'"__metadata__":{"keramos":' in read_start(file)[8:64]


def _is_page(file: Path) -> bool:
    return b'<meta name="generator" content="Keramos ' in read_start(file)


def _is_recipe(file: Path) -> bool:
    return read_start(file).startswith(RECIPE_MARK.encode())


def _is_picture(file: Path) -> bool:
    start = read_start(file)
    return start.startswith(_PNG) and b"tEXtSoftware\0Keramos" in start


def _is_figure(file: Path) -> bool:
    """An SVG or PDF file that says who made it."""
    content = file.read_bytes()
    return content.startswith((b"%PDF", b"<?xml")) and b"Keramos" in content


def _is_curve(file: Path) -> bool:
    columns = read_start(file).split(b"\n")[0].split(b",")
    return {b"step", b"seconds", b"learning_rate"} <= set(columns)


def _is_table(columns: Iterable[str]) -> IsOwn:
    """Whether a file begins with these columns, or with those that version 0.1 wrote, which had no id."""
    heads = [",".join(row).encode() for row in (columns, [name for name in columns if name != "id"])]
    return lambda file: read_start(file).splitlines()[:1] in [[head] for head in heads]


def _is_json_with(*keys: str) -> IsOwn:
    """Whether a file is a JSON object with these keys."""

    def is_own(file: Path) -> bool:
        try:
            data: Any = json.loads(file.read_text(encoding="utf-8"))
        except (OSError, ValueError, RecursionError):
            return False
        return isinstance(data, dict) and set(keys) <= set(data)

    return is_own


def _is_object_table(file: Path) -> bool:
    """A CSV or Parquet file whose first columns are those of objects."""
    start = read_start(file)
    return start.startswith(b"id,z_nm,y_nm,x_nm,voxels,") or start.startswith(b"PAR1")


def _is_network(file: Path) -> bool:
    """A CSV or JSON file that begins with the coordinates of pores."""
    return read_start(file).startswith((b"pore.coords[0],", b'{"pore.coords":'))


def _is_window_table(file: Path) -> bool:
    """A CSV file whose first columns are those of windows."""
    return read_start(file).startswith(b"z_nm,y_nm,x_nm,phase,annotated_voxels,")


def read_start(file: Path) -> bytes:
    """The first 4 KiB of a file."""
    with file.open("rb") as content:
        return content.read(_START)


@dataclass(frozen=True)
class OutputKind:
    """A kind of output.

    Attributes:
        title: what messages call it.
        files: from the path of an output, the patterns of the files that are written, each with a test whether a file
            is of this kind; a verb that keeps track of its own files has none.
        is_folder: whether the path is a folder, which may hold other files, too.
        resumes: whether an unfinished run of it may go on at the path.
        goes_to_stores: whether it may be written to an object store.
        has_place_of_its_own: whether the verb writes to another path than the option's, which it checks itself.
    """

    title: str
    files: Callable[[Path], Mapping[Path, IsOwn]] = lambda _: {}
    is_folder: bool = False
    resumes: Callable[[Path], bool] = lambda _: False
    has_place_of_its_own: bool = False
    goes_to_stores: bool = False


def _model_files(out: Path) -> Mapping[Path, IsOwn]:
    """The model, its learning curve, and the model that an unfinished training keeps."""
    curve = out.with_name(f"{out.stem}.curve")
    unfinished = out.with_name(f"{out.stem}.unfinished{out.suffix}")
    return {
        out: _is_model,
        unfinished: _is_model,
        curve.with_name(f"{curve.name}.csv"): _is_curve,
        curve.with_name(f"{curve.name}.png"): _is_picture,
    }


def _quantity_files(out: Path) -> Mapping[Path, IsOwn]:
    return {
        out / "quantities.json": _is_json_with("quantities"),
        out / "quantities.csv": _is_table(ROW_COLUMNS),
        out / "curves.csv": _is_table(CURVE_COLUMNS),
        out / "windows.csv": _is_window_table,
        out / "sensitivity.csv": _starts_with("phase,id,name,of,axis,unit,"),
    }


def _starts_with(start: str) -> IsOwn:
    """Whether a file begins with a text, behind the mark of UTF-8 that Excel needs."""
    return lambda file: read_start(file).removeprefix(b"\xef\xbb\xbf").startswith(start.encode())


def _paper_files(out: Path) -> Mapping[Path, IsOwn]:
    """Tables of samples, groups and trends in three formats, and all numbers in full."""
    starts = {
        "csv": "Quantity,Phase,Axis,Unit,",
        "tex": "% Made by Keramos",
        "md": "| Quantity | Phase | Axis | Unit |",
    }
    files = {
        out / f"{name}.{ending}": _starts_with(start)
        for name in ("samples", "groups", "trends")
        for ending, start in starts.items()
    }
    return {**files, out / "numbers.csv": _starts_with("sample,group,x,id,phase,axis,value,unit,low,high")}


OUTPUT_KINDS: Mapping[str, OutputKind] = {
    "model": OutputKind("model", _model_files, resumes=lambda out: out.with_name(f"{out.stem}.training").is_file()),
    "quantities": OutputKind(
        "set of quantities",
        _quantity_files,
        True,
        lambda out: (out / UNFINISHED_PASS).is_file() or (out / UNFINISHED_OBJECTS).is_dir(),
    ),
    "tables": OutputKind("set of tables for a paper", _paper_files, True),
    "table": OutputKind("table of objects", lambda out: {out: _is_object_table}),
    "objects": OutputKind("volume of objects"),
    "network": OutputKind("pore network", lambda out: {out: _is_network}),
    "overlays": OutputKind(
        "overlay",
        lambda out: dict.fromkeys((out / "slice_*.png", out / "reliability.png"), _is_picture),
        True,
    ),
    "picture": OutputKind("PNG picture", lambda out: {out: _is_picture}),
    "figures": OutputKind(
        "set of figures",
        lambda out: {out / "*mm.svg": _is_figure, out / "*mm.pdf": _is_figure, out / "*.csv": _is_table(POINT_COLUMNS)},
        is_folder=True,
    ),
    "page": OutputKind("HTML page", lambda out: {out: _is_page}),
    "recipe": OutputKind("proposed recipe", lambda out: {out: _is_recipe}),
    "scores": OutputKind("file of scores", lambda out: {out: _is_json_with("phases", "confusion")}),
    "estimates": OutputKind("file of estimates", lambda out: {out: _is_json_with("estimates", "advice")}),
    "json": OutputKind("JSON file", lambda out: {out: _is_json_with("findings")}),
    # The verbs know their own by checkpoints, records, or what a writer says.
    "segmentation": OutputKind("segmentation", is_folder=True, goes_to_stores=True),
    "prepared": OutputKind("prepared volume", is_folder=True, goes_to_stores=True),
    "phantom": OutputKind("phantom", is_folder=True),
    "comparison": OutputKind("comparison", is_folder=True),
    "demo": OutputKind("demo", is_folder=True),
    "replay": OutputKind("replay", is_folder=True),
    "downloads": OutputKind("download", is_folder=True),
    "import": OutputKind("import"),
    "export": OutputKind("export", has_place_of_its_own=True),
}
"""The kinds of output by the names that options of verbs declare."""
