"""The memory: what the user wants every new conversation to know of them."""
