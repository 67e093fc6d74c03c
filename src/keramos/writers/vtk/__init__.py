"""VTK's XML files, for ParaView and Avizo."""
