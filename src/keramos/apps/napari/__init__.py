"""The plug-in for napari: layers in and out, and a form for each of some verbs, made from its settings."""
