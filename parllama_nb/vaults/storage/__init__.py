"""Where the bytes of a vault are kept."""
