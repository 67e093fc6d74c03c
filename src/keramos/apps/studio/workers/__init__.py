"""Worker processes: everything heavy is done in one, never in the server. They speak JSON, one message a line."""
