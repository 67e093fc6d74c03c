"""The studio: a page in a browser on this machine, over `keramos.annotation` and `keramos.project`."""
