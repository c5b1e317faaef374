"""Conversations as files: written, read, and many at once.

values     a conversation as JSON values, checked
formats    which formats there are; each has a module or a folder of its own
sharing    what a conversation loses before others get it: secrets, local paths
files      files that are written all or not at all
sources    the conversations of files, folders and archives
exporting  exports of a user's conversations
importing  and imports
"""
