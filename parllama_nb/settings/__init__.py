"""What the user has chosen: the model of it, its keys, the file."""
