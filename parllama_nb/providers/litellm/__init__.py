"""Every provider that litellm knows, from a process of its own."""
