"""Where prompts come from, and go to: a class for each format.

source  what a source is: it reads prompts, and may write them
"""
