"""keramos segment"""

from __future__ import annotations

from pathlib import Path
from typing import Annotated, Any

import typer

from keramos.apps.cli.console import print_facts, reporter
from keramos.apps.cli.options import BoxOption, DeviceOption, JsonOption, VoxelSizeOption, reading, write_json
from keramos.core import byte_size
from keramos.core.errors import SettingsError


def segment(
    images: Annotated[str, typer.Argument(metavar="IMAGES", help="A stack, a folder or a quoted pattern of slices.")],
    model: Annotated[str, typer.Option("--model", metavar="FILE|otsu|sauvola", help="What to segment with.")],
    out: Annotated[Path, typer.Option("--out", metavar="OUT.ome.zarr", help="The segmentation to write.")],
    scores: Annotated[bool, typer.Option("--scores", help="Keep the score of every phase, too.")] = False,
    uncertainty: Annotated[
        bool, typer.Option("--uncertainty", help="Keep how unsure a network is of each voxel, too: OUT/uncertainty.")
    ] = False,
    threshold: Annotated[
        float | None,
        typer.Option(
            "--threshold",
            metavar="P",
            help="A voxel is of the positive phase where its score is at least P, from 0 to 1 (networks of two phases; "
            "without it: of the more likely phase).",
        ),
    ] = None,
    remove_specks: Annotated[
        str,
        typer.Option(
            "--remove-specks",
            metavar="N",
            help="Give components of the positive phase of fewer than N voxels (or smaller than a volume: 1e6nm3) the "
            "phase with which they share most faces. Connected through faces; at the volume's border as anywhere.",
        ),
    ] = "0",
    fill_holes: Annotated[
        str,
        typer.Option(
            "--fill-holes",
            metavar="N",
            help="Then fill components of all that is not the positive phase, of fewer than N voxels (or a volume), "
            "with it. A speck removed in a hole counts as part of the hole.",
        ),
    ] = "0",
    average_views: Annotated[
        bool, typer.Option("--average-views", help="Average a network over flips and rotations: 8 times the work.")
    ] = False,
    resample: Annotated[
        bool,
        typer.Option("--resample", help="Take a stack of another voxel size onto the model's, and the result back."),
    ] = False,
    otsu_scope: Annotated[
        str | None, typer.Option("--otsu-scope", metavar="slice|stack", help="Whose histogram Otsu's threshold is of.")
    ] = None,
    backend: Annotated[
        str,
        typer.Option("--backend", metavar="auto|torch|torch-bf16|openvino|openvino-bf16", help="What runs networks."),
    ] = "auto",
    device: DeviceOption = "auto",
    memory: Annotated[str, typer.Option("--memory", help="Memory to stay within, such as 2GiB.")] = "2GiB",
    workers: Annotated[int, typer.Option("--workers", metavar="N", help="Worker processes.")] = 1,
    scheduler: Annotated[
        str | None, typer.Option("--scheduler", metavar="ADDRESS", help="A Dask cluster to run on: tcp://host:8786.")
    ] = None,
    fresh: Annotated[bool, typer.Option("--fresh", help="Start again, replacing what is in OUT.")] = False,
    voxel_size: VoxelSizeOption = None,
    box: BoxOption = None,
    json_file: JsonOption = None,
) -> None:
    """Segment a stack. A run that was killed goes on where it stopped: give the same command again.

    Example: keramos segment stack.tif --model model.keramos --out segmentation.ome.zarr
    """
    if otsu_scope not in (None, "slice", "stack"):
        raise SettingsError(f"expected --otsu-scope slice or stack, found '{otsu_scope}'")
    from keramos.blocks import keep_freed_memory
    from keramos.inspection import tell
    from keramos.project.scoring import phase_fractions
    from keramos.project.verbs.diagnose import diagnose
    from keramos.project.verbs.segment import segment as run
    from keramos.segmenters import SegmentSettings

    settings = SegmentSettings(
        scores=scores,
        uncertainty=uncertainty,
        threshold=threshold,
        remove_specks=remove_specks,
        fill_holes=fill_holes,
        backend=backend,
        workers=workers,
        scheduler=scheduler,
        fresh=fresh,
        memory_bytes=byte_size(memory),
    )
    options = reading(voxel_size, box)
    if workers == 1 and scheduler is None:
        keep_freed_memory()
    with reporter() as telling:
        labels = run(
            images,
            model,
            out=out,
            average_views=average_views,
            resample=resample,
            otsu_scope=otsu_scope,  # type: ignore[arg-type]
            device=device,  # type: ignore[arg-type]
            settings=settings,
            reading=options,
            reporter=telling,
        )
        fractions = phase_fractions(labels, progress=telling.progress("count the phases"))
        tell(diagnose(images, model, fractions, reading=options), telling)
    shown = ", ".join(f"{name} {100 * fraction:.2f} %" for name, fraction in fractions.items())
    facts = [("segmentation", str(out)), ("phase fractions", shown)]
    if uncertainty:
        facts.append(("uncertainty", f"{out / 'uncertainty'}: 0 sure ... 255 all phases equally likely"))
    print_facts(facts)
    numbers = {"out": str(out), "shape": list(labels.shape), "phase_fractions": fractions}
    kept: dict[str, Any] = {"uncertainty": str(out / "uncertainty")} if uncertainty else {}
    removed = [step.parameters for step in labels.provenance.steps if step.verb == "remove"]
    if removed:
        kept["removed"] = removed[-1]
    write_json(json_file, {**numbers, **kept, "findings": telling.findings})
