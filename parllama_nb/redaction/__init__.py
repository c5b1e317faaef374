"""Known secrets, kept out of what leaves the kernel: log records, outgoing messages."""
