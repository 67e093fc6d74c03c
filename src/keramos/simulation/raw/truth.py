"""The truth of raw slices, as JSON values."""

from __future__ import annotations

from typing import Any

from keramos.core.options import plain
from keramos.simulation.raw.course import rows_per_section
from keramos.simulation.raw.stack import RawStack

FORMAT = 1


def describe_truth(stack: RawStack) -> dict[str, Any]:
    """All that is known of raw slices: the content of truth.json.

    Its key `slices` has one entry a file, in the order of the files:

    - `file`, `number`: its name, and the number of its section, from 1 on.
    - `z_nm`: where the section that the image shows really lies; the first one lies at 0.
    - `offset_px`: the pixel (y, x) of the image shows the specimen at (y + dy, x + dx), in pixels of the section.
    - `gain`: what the brightness drift multiplied the grey values by.
    - `blank`; `repeats`, the file whose image it repeats, or null.

    The voxel (k, j, i) of the labels lies at z = k * `voxel_size_nm[0]` and at (j + `origin_px[0]`, i + `origin_px[1]`)
    of the specimen: it is what the pixel (j + origin - dy, ...) of a slice at that z shows.

    Example:
        >>> from keramos.simulation.raw import RawSettings
        >>> truth = describe_truth(RawStack(RawSettings((8, 40, 48), seed=1)))
        >>> truth["missing_numbers"], [row["number"] for row in truth["slices"] if row["blank"] or row["repeats"]]
        ([7], [3, 5])
    """
    settings, course = stack.settings, stack.course
    _, rows, columns = settings.shape
    return {
        "keramos_raw_phantom": FORMAT,
        "maker": settings.maker.name,
        "seed": settings.seed,
        "severity": settings.severity,
        "voxel_size_nm": plain(settings.section_voxels),
        "pixel_nm": list(settings.pixels.zyx[1:]),
        "tilt_deg": settings.raw_view.tilt_deg,
        "tilt_corrected": settings.is_corrected,
        "frame": settings.frame,
        "cutting_order": "increasing",
        "scan_rotation_deg": 0.0,
        "bits": settings.bits,
        "image_shape": [rows, columns],
        "information_bar_rows": settings.bar_rows,
        "rows_per_section": rows_per_section(settings),
        "drift": {
            "walk_px": settings.strength("drift_walk"),
            "jitter_px": settings.strength("drift_jitter"),
            "shear_px": list(course.shear_px),
        },
        "thickness_error": settings.strength("thickness_error"),
        "inclination_deg": settings.inclination,
        "missing_numbers": [k + 1 for k, role in enumerate(course.roles) if role == "missing"],
        "slices": [_describe_slice(stack, section) for section in stack.sections],
        "other_files": sorted(settings.maker.other_files(stack.facts(0))),
        "labels": {
            "file": "truth.ome.zarr",
            "grid": "even, without drift",
            "shape": list(stack.truth_shape),
            "origin_px": list(stack.origin_px),
            "phases": list(stack.even.phases.names),
        },
        "imaging": plain(stack.microscope.to_json()),
        "body": plain(stack.even.body.to_json()),
    }


def _describe_slice(stack: RawStack, section: int) -> dict[str, Any]:
    course, role = stack.course, stack.course.roles[section]
    shown = section - 1 if role == "repeated" else section
    drift = stack.microscope.defects.get("brightness_drift")
    return {
        "file": stack.file_name(section),
        "number": section + 1,
        "z_nm": float(course.z_nm[shown]),
        "offset_px": [float(part) for part in course.offsets_px[shown]],
        "gain": 1.0 if drift is None else float(drift.gains(shown, 1)[0]),
        "blank": role == "blank",
        "repeats": stack.file_name(shown) if role == "repeated" else None,
    }
