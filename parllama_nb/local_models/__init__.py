"""Models on this machine: Ollama's and the embedded engine's, their whole life."""
