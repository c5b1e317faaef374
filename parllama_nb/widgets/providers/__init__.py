"""The view of the providers and their options."""
