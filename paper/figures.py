"""The paper's numbers and its picture, from `benchmarks/results`.

python paper/figures.py         # writes paper/iou.png; prints the numbers by the marks that they have in the text
"""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

FOLDER = Path(__file__).resolve().parent
RESULTS = FOLDER.parent / "benchmarks" / "results"


def read(name: str) -> dict[str, Any]:
    content: dict[str, Any] = json.loads((RESULTS / f"{name}.json").read_text("utf-8"))
    return content


def numbers() -> dict[str, str]:
    """Each number of the text, by the comment before it."""
    demo, bundled = read("demo")["full"], read("bundled")
    scores = demo["runs"][0]["iou"]
    tuned = {
        one: bundled[f"porous-solid, sample_00{other} -> sample_00{one}"]["iou"]["mean"]
        for one, other in ((1, 2), (2, 1))
    }
    return {
        "demo otsu": f"{scores['Otsu']:.3f}",
        "demo sauvola": f"{scores['Sauvola']:.3f}",
        "demo network": f"{scores['Compact U-Net']:.3f}",
        "demo seconds": f"{demo['median_seconds']:.0f}",
        "zero 1": f"{bundled['zero-shot sample_001']['iou']:.3f}",
        "zero 2": f"{bundled['zero-shot sample_002']['iou']:.3f}",
        "tuned 1": f"{tuned[1]:.3f}",
        "tuned 2": f"{tuned[2]:.3f}",
        "speed": f"{read('throughput')['mvoxel_per_s']['one slice, end to end']:.1f}",
        "tau": f"{100 * read('transport')['electrode']['difference']:.3f}",
    }


def draw() -> None:
    from matplotlib import pyplot

    found = numbers()
    groups = {
        "simulated ceramic": {"Otsu": "demo otsu", "Sauvola": "demo sauvola", "network": "demo network"},
        "micrograph 1": {"as it is": "zero 1", "trained": "tuned 1"},
        "micrograph 2": {"as it is": "zero 2", "trained": "tuned 2"},
    }
    figure, panels = pyplot.subplots(1, 3, sharey=True, figsize=(7, 2.4), width_ratios=[3, 2, 2], layout="constrained")
    for panel, (title, bars) in zip(panels, groups.items(), strict=True):
        values = [float(found[mark]) for mark in bars.values()]
        panel.plot(list(bars), values, "o", color="#0072b2")
        panel.set(title=title, ylim=(0.86, 1), xlim=(-0.5, len(bars) - 0.5))
        for place, value in enumerate(values):
            panel.annotate(f"{value:.3f}", (place, value), (0, 6), textcoords="offset points", ha="center", fontsize=8)
    panels[0].set_ylabel("IoU of the solid phase")
    figure.savefig(FOLDER / "iou.png", dpi=200, metadata={"Software": None})


if __name__ == "__main__":
    draw()
    print(json.dumps(numbers(), indent=1))
