"""What every provider over HTTP shares: client, event stream, errors."""
