"""The models of an Ollama server: its verbs, and what it says of them."""
