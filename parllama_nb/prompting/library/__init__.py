"""The prompts that a user keeps: named, versioned, searched, filled in.

variables  the placeholders that a prompt declares
prompt     what a prompt holds, and what is refused in one
rendering  a prompt with its variables filled, as it is sent
shown      both as a notebook and a terminal show them
library    what can be done with the prompts of the database
listing    finds and counts them; search is the full text search of it
rows       the statements that write and read a prompt
deletion   what is deleted, restored and remembered
merging    what an import would change; imports does it
"""
