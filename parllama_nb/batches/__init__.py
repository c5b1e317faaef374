"""Many questions at once: limits, budget, retries, a table of answers."""
