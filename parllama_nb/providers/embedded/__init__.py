"""Models that run on this machine, inside a child process of the kernel.

known_models  the models known by name, as data, and whether their files are intact
fetch         downloads such a model's file into the cache
own_models    the user's own models: a list on disk
file_facts    what a model's file says, with the errors of this provider
loads         which file a name stands for, and how it is loaded
listing       the models as a provider lists them
engine        the child process, from the kernel's side
child         the child process itself; imports nothing of this package
embeddings    embeddings of a running engine
provider      the provider
"""

from __future__ import annotations

from .provider import EmbeddedProvider

__all__ = ["EmbeddedProvider"]
