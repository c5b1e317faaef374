"""One question to several models, side by side."""
