"""Models that run on this machine, inside a child process of the kernel.

weights    the models as data, and whether their files are intact
fetch      downloads a model's file into the cache
engine     the child process, from the kernel's side
child      the child process itself; imports nothing of this package
provider   the provider
"""

from __future__ import annotations

from .provider import EmbeddedProvider

__all__ = ["EmbeddedProvider"]
