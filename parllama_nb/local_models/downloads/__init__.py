"""Models from the web: whose address it is, which file of it, and bringing it here.

sources        what users write: a path, a repository of the hub, an address
hub_files      the files of a repository, and which one is meant
web            requests: redirects, and tokens that stay with their host
refusals       what a server refuses, as an error
file_download  one file: resumed, tried again, verified
part_files     what has come of it so far, on disk
"""
