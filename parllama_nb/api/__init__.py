"""The package's functions: the commands, for people who do not like magics."""
