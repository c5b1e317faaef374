"""Fabric's patterns (https://github.com/danielmiessler/fabric), as prompts and back.

source        where patterns are read from: an archive on the web or here, a folder
layout        which of an archive's or a folder's files are patterns
patterns      a pattern's texts as a prompt, and a prompt as the files of a pattern
descriptions  what a pattern is good for, from its text
"""
