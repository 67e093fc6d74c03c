"""Tools that turn a gesture into a change of labels, one a file."""
