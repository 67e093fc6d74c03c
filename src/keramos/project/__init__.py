"""Work from files to files: the verbs, the recipe that runs them, the demo, and the record of a run."""
