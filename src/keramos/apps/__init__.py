"""Programs that people start: the command line, and adapters of its kind. Each is thin over `keramos.project`."""
