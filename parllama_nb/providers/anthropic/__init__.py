"""The wire format of Anthropic."""
