"""Values of a notebook as a model reads them, within a budget of tokens."""
