"""Runs a command in a cell, shows it while it runs, and settles its output."""
