"""Files in and out: every image format through one door, and OME-Zarr (NGFF 0.5) out."""

from keramos.store.authors_dataset import AuthorsDataset, read_authors_dataset
from keramos.store.create import create_image, create_labels, create_regions
from keramos.store.facts import describe
from keramos.store.fingerprint import file_fingerprint, source_fingerprint
from keramos.store.folder import missing_numbers
from keramos.store.images import open_volume
from keramos.store.labels import open_labels
from keramos.store.regions import RegionMap, open_regions
from keramos.store.save import save_labels, save_volume
from keramos.store.scores import ScoreReader, create_scores, open_scores, scores_beside
from keramos.store.storing import make_folder, remove_store, storing, write_bytes, write_text, write_with
from keramos.store.tiff_export import export_tiff
from keramos.store.uncertainty import create_uncertainty, open_uncertainty
from keramos.store.zarr_writer import ZarrWriter

__all__ = [
    "AuthorsDataset", "RegionMap", "ScoreReader", "ZarrWriter", "create_image", "create_labels", "create_regions",
    "create_scores", "create_uncertainty", "describe", "export_tiff", "file_fingerprint", "make_folder",
    "missing_numbers", "open_labels", "open_regions", "open_scores", "open_uncertainty", "open_volume",
    "read_authors_dataset", "remove_store", "save_labels", "save_volume", "scores_beside", "source_fingerprint",
    "storing", "write_bytes", "write_text", "write_with",
]  # fmt: skip
