"""Conversations: a turn of one, how it is kept, and how it is shown."""
