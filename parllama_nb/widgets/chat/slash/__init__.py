"""The commands that can be typed into a chat: a slash, a name, its argument."""
