"""The command line: reads arguments, shows progress, prints results. Everything else is `keramos.project`."""
