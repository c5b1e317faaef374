"""The models of the embedded engine: their files, added and removed."""
