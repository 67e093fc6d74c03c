"""The architectures that Keramos brings, one file each: a module-level `Architecture` registers itself."""
