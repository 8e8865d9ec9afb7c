"""The command line: options of each command, and calls into the other rooms."""
