"""Picture files that Keramos does not read, and what to do with them."""

from __future__ import annotations

_LOSSY = (
    "is not read, because its compression has changed the grey values; take the original images, or convert these to "
    "TIFF, for example with Fiji (Process > Batch > Convert)"
)
_OTHER = "is not read; convert it to TIFF, for example with Fiji (File > Save As > Tiff)"
_MAKERS = "is not read; export it as TIFF with the software that wrote it, or with Fiji (Plugins > Bio-Formats)"

OTHER_PICTURES = {
    **dict.fromkeys((".jpg", ".jpeg", ".jpe", ".webp", ".heic"), _LOSSY),
    **dict.fromkeys((".gif", ".jp2", ".j2k", ".pgm", ".ppm", ".raw", ".hdr", ".nrrd", ".nhdr", ".mha", ".mhd"), _OTHER),
    **dict.fromkeys((".am", ".vol", ".vgi", ".nii", ".gz", ".h5", ".hdf5", ".n5", ".czi"), _MAKERS),
    **dict.fromkeys((".lif", ".nd2", ".ser", ".emd", ".sis", ".txm", ".txrm", ".dat", ".bif", ".avi", ".mp4"), _MAKERS),
}
"""By suffix in lower case, the end of the sentence that begins with the file."""
