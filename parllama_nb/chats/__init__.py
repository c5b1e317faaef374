"""Conversations: one turn with a model, the session, and its history."""
