"""Ollama's own wire format."""
