"""A command in a cell: run, shown while it runs, settled."""
