"""The prompts that a user keeps: named, versioned, searched, filled in.

prompt     what a prompt holds, and what is refused in one
rendering  a prompt with its variables filled, as it is sent
"""
