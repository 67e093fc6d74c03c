"""A learning curve beside its model: as a table of numbers and as a picture."""

from __future__ import annotations

import csv
import io
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

from matplotlib.figure import Figure

from keramos.core.files import write_text
from keramos.reports.picture import write_png
from keramos.reports.sections.learning_curve import points
from keramos.reports.theme import LIGHT, dress

_PANELS = {"loss": "loss", "iou": "IoU", "learning_rate": "learning rate"}


def write_curve(curve: Sequence[Mapping[str, Any]], model: Path) -> tuple[Path, Path]:
    """Write `<model>.curve.csv` and `<model>.curve.png`, without the model's suffix; give their paths.

    Raises:
        StorageError: they cannot be written.
    """
    table, picture = (model.with_name(f"{model.stem}.curve{suffix}") for suffix in (".csv", ".png"))
    write_text(table, _table(curve))
    write_png(_figure(curve), picture)
    return table, picture


def _table(curve: Sequence[Mapping[str, Any]]) -> str:
    columns = list(dict.fromkeys(name for row in curve for name in row))
    text = io.StringIO()
    writer = csv.DictWriter(text, columns, lineterminator="\n")
    writer.writeheader()
    writer.writerows(curve)
    return text.getvalue()


def _figure(curve: Sequence[Mapping[str, Any]]) -> Figure:
    time = "epoch" if all("epoch" in row for row in curve) else "seconds"
    figure = Figure(figsize=(11, 3.1), layout="constrained", facecolor="white")
    for axes, (key, label) in zip(figure.subplots(1, len(_PANELS)), _PANELS.items(), strict=True):
        dress(axes, LIGHT)
        names = {"loss": ("loss", "cross_entropy", "dice_loss"), "iou": ("iou", "precision", "recall")}.get(key, (key,))
        for number, name in enumerate(names):
            x, y = points(curve, time, name)
            if x:
                axes.plot(x, y, color=LIGHT.method(number), label=name.replace("_", " "), linewidth=1.6)
        axes.set(xlabel="epoch" if time == "epoch" else "training time in s", ylabel=label)
        if key != "learning_rate":
            axes.legend(frameon=False, fontsize=9)
    return figure
