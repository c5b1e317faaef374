"""One conversation as a page of HTML that holds all it needs.

page       the page: its policy, its style, its turns
rendering  hostile Markdown as HTML, by way of the sanitiser
"""
