"""The segmenters that need no network, one file each: a module-level `Segmenter` registers itself."""
