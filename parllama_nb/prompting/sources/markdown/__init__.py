"""Prompts as Markdown files with front matter, ours and those of other programs.

layout    one prompt as Markdown, and back
dialects  what other programs write otherwise
source    files and folders of them
"""
