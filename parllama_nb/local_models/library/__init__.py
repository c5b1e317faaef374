"""The public library of models: its pages, its registry, and what is kept of them."""
