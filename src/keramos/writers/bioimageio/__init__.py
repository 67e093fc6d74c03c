"""A model as a bioimage.io package (format 0.5): one zip with all that software for such models needs to run it."""
