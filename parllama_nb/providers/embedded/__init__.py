"""Models that run on this machine, inside a child process of the kernel.

weights    which models there are, as data, and whether their files are sound
fetch      brings a model's file into the cache
engine     the child process, from the kernel's side
child      the child process itself; imports nothing of this package
provider   puts them together as a provider
shared     slow work that many answers wait for, done once
"""

from __future__ import annotations

from .provider import EmbeddedProvider

__all__ = ["EmbeddedProvider"]
