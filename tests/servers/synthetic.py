"""Text for synthetic streams: the same for everyone, and much like a model's."""

from __future__ import annotations

import itertools
import re
from collections.abc import Iterator

__all__ = ["tokens"]

_PLAIN = (
    "A stream of words goes on at a steady pace, neither hurried nor slow, so that "
    "whoever reads it can tell when a piece is late or missing. "
)

_MARKDOWN = '''\
## Section {n}

Some *prose* with **weight**, `code` and a [link](https://example.com/{n}), long enough
to wrap, followed by a list and a block of code.

- first point of section {n}
- second point, with `inline()` code
  - a nested one

```python
def square_{n}(values: list[float]) -> list[float]:
    """Squares of the values, in their order."""
    return [value**2 for value in values if value > {n}]
```

| name | value |
|------|------:|
| a    |    {n} |
| b    |     2 |

The sum is $\\sum_{{i=1}}^{n} i^2$ and so on.

'''


def tokens(count: int, *, markdown: bool) -> list[str]:
    """So many pieces of text, of about four characters as a model's tokens are."""
    return list(itertools.islice(_pieces(markdown=markdown), count))


def _pieces(*, markdown: bool) -> Iterator[str]:
    for n in itertools.count(1):
        text = _MARKDOWN.format(n=n) if markdown else _PLAIN
        yield from re.findall(r"\s*\S{1,5}|\s+$", text)
