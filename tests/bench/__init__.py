"""What it costs: measured beside a floor or a peer, in one run, on this machine."""
