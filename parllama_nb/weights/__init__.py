"""What a file or a folder of weights holds, read from its headers alone."""
