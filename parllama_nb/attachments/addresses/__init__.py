"""Files of the network, fetched from public addresses only."""
