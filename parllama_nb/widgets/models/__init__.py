"""The view of local models: their whole life."""
