"""The sections of the page that compares methods, one a file."""
