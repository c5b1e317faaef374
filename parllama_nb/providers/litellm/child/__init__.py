"""The process in which litellm runs; `litellm.process` starts it. Imports none of ours.

__main__         what `python FOLDER` runs
child            answers what the kernel asks
provider_fields  the arguments of a model's provider
bedrock          the models of an account at Bedrock
recording        the request that would be sent

In that process the folder is a package by itself, `child`: the house around it
is not imported to start it, and no relative import leads there.
"""
