"""Files in and out: images and labels of every registered format are read, OME-Zarr (NGFF 0.5) is written."""

from keramos.io.accepted import create_accepted, open_accepted
from keramos.io.authors_dataset import AuthorsDataset, read_authors_dataset
from keramos.io.calibration import doubts_of_given
from keramos.io.channels import JOIN, open_channels, split_channels
from keramos.io.create import create_image, create_labels, create_object_ids, create_regions
from keramos.io.facts import describe
from keramos.io.fingerprint import file_fingerprint, source_fingerprint
from keramos.io.images import open_acquired, open_volume, read_acquisition
from keramos.io.labels import code_labels, open_labels
from keramos.io.levels import Level, list_levels
from keramos.io.ngff_read import is_zarr
from keramos.io.regions import RegionMap, open_regions
from keramos.io.save import save_labels, save_volume
from keramos.io.scores import ScoreReader, create_scores, open_scores, scores_beside
from keramos.io.slice_places import slice_names, slice_places, uneven_positions
from keramos.io.store_facts import attach_facts, attach_preparation
from keramos.io.stores import is_begun, remove_store, whole_store
from keramos.io.uncertainty import create_uncertainty, open_uncertainty
from keramos.io.unfinished import PHANTOM_CHECKPOINT, PREPARATION_CHECKPOINT, SEGMENTATION_CHECKPOINT, Unfinished
from keramos.io.zarr_writer import Shards, ZarrWriter, count_files

__all__ = [
    "JOIN",
    "PHANTOM_CHECKPOINT",
    "PREPARATION_CHECKPOINT",
    "SEGMENTATION_CHECKPOINT",
    "AuthorsDataset",
    "Level",
    "RegionMap",
    "ScoreReader",
    "Shards",
    "Unfinished",
    "ZarrWriter",
    "attach_facts",
    "attach_preparation",
    "code_labels",
    "count_files",
    "create_accepted",
    "create_image",
    "create_labels",
    "create_object_ids",
    "create_regions",
    "create_scores",
    "create_uncertainty",
    "describe",
    "doubts_of_given",
    "file_fingerprint",
    "is_begun",
    "is_zarr",
    "list_levels",
    "open_accepted",
    "open_acquired",
    "open_channels",
    "open_labels",
    "open_regions",
    "open_scores",
    "open_uncertainty",
    "open_volume",
    "read_acquisition",
    "read_authors_dataset",
    "remove_store",
    "save_labels",
    "save_volume",
    "scores_beside",
    "slice_names",
    "slice_places",
    "source_fingerprint",
    "split_channels",
    "uneven_positions",
    "whole_store",
]
