"""One conversation as Markdown that people read, and that loses nothing when read back.

layout    how texts are kept apart: the lines that begin and end them
writing   a conversation as Markdown
reading   the conversation of such a file
parllama  that of an export of PAR LLAMA
"""
