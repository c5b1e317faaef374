"""Pages of a library of models, in the shapes that ollama.com has had and might have.

Written after what programs that read it say of them, and kept to what matters: which
elements hold what, in which order, with which attributes.

- `2024`: plain spans, told apart by classes alone; one rendering for a tag.
- `2025`: attributes `x-test-...`; two renderings for a tag.
- `2026`: as before without these attributes, and a use instead of a cloud model's size.
- `cards`, `table`, `labels`: drawn anew, as it might be one day.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from html import escape

__all__ = ["CAPTIVE", "LISTS", "MODELS", "TAGS", "TAG_PAGES", "Model", "Tag", "page"]


@dataclass(frozen=True)
class Model:
    name: str
    description: str = "A model for tests, with a few words about it."
    capabilities: tuple[str, ...] = ()
    sizes: tuple[str, ...] = ()
    pulls: str = "1.2M"
    tags: str = "7"
    updated: str = "3 months ago"

    @property
    def path(self) -> str:
        return f"/{self.name}" if "/" in self.name else f"/library/{self.name}"


@dataclass(frozen=True)
class Tag:
    name: str
    digest: str
    size: str = "1.3GB"
    context: str = "128K"
    inputs: str = "Text"
    updated: str = "1 year ago"
    latest: bool = False


MODELS = (
    Model("llama9", "A family of models <small & large>.", ("tools",), ("1b", "3b")),
    Model("seer", "It sees; tools and vision alike.", ("vision", "tools"), ("8x7b",)),
    Model("embed-it", "Makes vectors of a text.", ("embedding",), (), "386.8K", "1"),
    Model(
        "old-one", "One of the first models there were.", (), ("13b",), "5,123", "22"
    ),
    Model("gem4n", "Runs on a phone \u2013 even offline.", ("audio",), ("e2b", "270m")),
    Model("farther", "Runs in the cloud only.", ("thinking", "cloud"), (), "9.9K", "2"),
)

TAGS = (
    Tag("llama9:latest", "a80c4f17acd5", "2.0GB"),
    Tag("llama9:3b", "a80c4f17acd5", "2.0GB", latest=True),
    Tag("llama9:1b", "baf6a787fdff", "1.3GB", "32K", "Text, Image"),
    Tag("llama9:1b-instruct-q4_K_M", "baf6a787fdff", "808MB", "512"),
    Tag("llama9:3b-fp16", "195a8c01d91e", "1.2TB", "1M", updated="5 weeks ago"),
    Tag("llama9:120b-cloud", "569662207105", "-", "256K", updated="yesterday"),
)

CAPTIVE = """<!doctype html><html><head><title>Wi-Fi login</title></head><body>
<form action="/login"><p>Accept the terms.</p><a href="/terms/of/use">Terms</a></form>
</body></html>"""


def page(content: str, title: str = "library") -> str:
    """A whole page around a content: what else there is on each of the site's."""
    return f"""<!doctype html>
<html class="h-full"><head><title>{title}</title><meta charset="utf-8" />
<script>const a = "<li><a href='/library/never'>never</a></li>"; 1 < 2</script>
</head>
<body hx-on:keydown="if (a > b && event.key === '/') {{ focus() }}">
<header><nav><a href="/"><img src="/public/ollama.png" alt="Ollama" /></a>
<a href="/models">Models</a><a href="https://github.com/ollama/ollama">GitHub</a>
<form action="/search"><input name="q" placeholder="Search models" hx-get="/search" />
</form><a href="/signin">Sign in</a></nav></header>
<main>{content}</main>
<footer><ul><li><a href="/blog/new-models">Blog</a></li><li>© 2026 Ollama</li></ul>
<a href="/public/terms">Terms</a></footer></body></html>
"""


def _spans(words: Sequence[str], attributes: str = "") -> str:
    return "\n".join(f"<span{attributes}>{word}</span>" for word in words)


def _2024(models: Sequence[Model]) -> str:
    items = "".join(
        f"""<li class="flex items-baseline border-b py-6">
        <a href="{m.path}" class="group w-full"><div><h2 class="truncate">
        <span class="group-hover:underline">{m.name}</span></h2>
        <p class="max-w-md break-words">{escape(m.description)}</p></div>
        <div class="flex">{_spans((*m.capabilities, *m.sizes), ' class="blue"')}</div>
        <p class="my-2"><span class="flex"><svg viewBox="0 0 1"><path d="M3"/></svg>
        {m.pulls}<span class="hidden">&nbsp;Pulls</span></span>
        <span class="flex"><svg><path d="M3" /></svg>{m.tags}&nbsp;Tags</span>
        <span class="flex"><svg><title>A</title></svg>Updated&nbsp;{m.updated}
        </span></p></a></li>"""
        for m in models
    )
    return f'<div id="repo"><ul role="list">{items}</ul></div>'


def _2025(
    models: Sequence[Model], x: Callable[[str], str] = " x-test-{}".format
) -> str:
    def metric(kind: str, value: str, label: str, title: str = "") -> str:
        shown = f'<span class="hidden sm:flex">{label}</span>'
        number = f"<span{x(kind)}>{value}</span>"
        both = shown + number if kind == "updated" else number + shown
        return f'<span class="flex items-center"{title}><svg></svg>{both}</span>'

    items = "".join(
        f"""<li{x("model")} class="flex items-baseline">
        <a href="{m.path}" class="group w-full space-y-5">
        <div{x("model-title")} title="{m.name}" class="flex flex-col"><h2>
        <div><span class="truncate">{m.name}</span></span></div></h2>
        <p class="max-w-lg break-words">{escape(m.description)}</p></div>
        <div class="flex flex-wrap">
        {_spans(m.capabilities, x("capability"))}{_spans(m.sizes, x("size"))}</div>
        <p class="my-4 flex"><svg />{metric("pull-count", m.pulls, "&nbsp;Pulls")}
        {metric("tag-count", m.tags, "&nbsp;Tag" + "s" * (m.tags != "1"))}
        {metric("updated", m.updated, "Updated&nbsp;", ' title="Apr 16, 2024"')}</p>
        </a></li>"""
        for m in models
    )
    return f'<div{x("repos")} id="repo"><ul role="list">{items}</ul></div>'


def _2026(models: Sequence[Model]) -> str:
    return _2025(models, lambda _: " ")


def _cards(models: Sequence[Model]) -> str:
    """Links around the names alone, what is capable of as links, no lists."""
    cards = "".join(
        f"""<article><a href="https://ollama.com{m.path}?ref=list"><img alt="" /></a>
        <h3><a href="{m.path}">{m.name}</a></h3>
        <div>{escape(m.description)}</div><footer>
        {"".join(f'<a href="/search?c={c}">{c.title()}</a>' for c in m.capabilities)}
        {"".join(f'<a href="{m.path}:{s}"><b>{s}</b></a>' for s in m.sizes)}
        <small>{m.pulls} downloads · {m.tags} tags · {m.updated}</small></footer>
        </article>"""
        for m in models
    )
    return f"<section><h1>All models</h1><div><div>{cards}</div></div></section>"


def _table(models: Sequence[Model]) -> str:
    rows = "".join(
        f"""<tr><td><a href="{m.path}">{m.name}</a><td>{escape(m.description)}
        <td>{_spans(m.capabilities)}<td>{_spans(m.sizes)}
        <td>{m.pulls} pulls<td>{m.tags} tags<td><time datetime="2026-01-01">{m.updated}
        </time>"""
        for m in models
    )
    return f"<table><thead><tr><th>Name<th>What<th>Can</thead><tbody>{rows}</table>"


def _labels(models: Sequence[Model]) -> str:
    """Labels before their values, elements of its own, and no paragraph."""
    return "".join(
        f"""<model-card data-href="{m.path}"><header>{m.name}</header>
        <model-text>{escape(m.description)}</model-text>
        <dl><dt>Pulls</dt><dd>{m.pulls}</dd><dt>Tags</dt><dd>{m.tags}</dd>
        <dt>Updated</dt><dd>{m.updated}</dd></dl>
        {_spans(m.capabilities, ' data-testid="capability"')}{_spans(m.sizes)}
        </model-card>"""
        for m in models
    )


LISTS: dict[str, Callable[[Sequence[Model]], str]] = {
    "2024": _2024,
    "2025": _2025,
    "2026": _2026,
    "cards": _cards,
    "table": _table,
    "labels": _labels,
}


def _header(tags: Sequence[Tag]) -> str:
    """What stands above the tags of a model."""
    model = tags[0].name.partition(":")[0]
    return f"""<div><a x-test-model-name href="/library/{model}">{model}</a>
    <input name="command" value="ollama run {model}" readonly />
    <p><span x-test-pull-count>221K</span><span>&nbsp;Downloads</span>
    <span>Updated&nbsp;</span><span x-test-updated>1 month ago</span></p>
    <h2>A model of {len(tags)} tags.</h2><span x-test-size>24b</span></div>"""


def _tags_2024(tags: Sequence[Tag]) -> str:
    rows = "".join(
        f"""<div class="flex px-4 py-3"><div class="flex flex-col space-y-1">
        <a href="/library/{t.name}" class="group"><div class="break-all font-medium">
        {t.name.partition(":")[2]}</div></a>{"<span>latest</span>" * t.latest}
        <div class="flex text-xs"><span class="font-mono">{t.digest}</span> • {t.size}
        • {t.context} context window • {t.inputs} input • {t.updated}</div></div>
        </div>"""
        for t in tags
    )
    return f"{_header(tags)}<section><div>{len(tags)} Tags</div>{rows}</section>"


def _tags_2025(
    tags: Sequence[Tag], size: Callable[[Tag], str] = lambda t: t.size
) -> str:
    rows = "".join(
        f"""<div class="group px-4 py-3"><a href="/library/{t.name}" class="md:hidden">
        <div><div><span>{t.name}</span></span>{"<span>latest</span>" * t.latest}</div>
        </div><div class="flex flex-col"><span><span class="font-mono">{t.digest}</span>
        • {size(t)} • {t.context} context window  • <span class="hidden sm:inline">
        {t.inputs} input • {t.updated}</span></span><div class="flex sm:hidden">
        {t.inputs} input • {t.updated}</div></span></div></a>
        <div class="hidden md:flex"><div class="grid grid-cols-12"><span>
        <a href="/library/{t.name}" class="group-hover:underline">{t.name}</a>
        {'<span class="ml-2">latest</span>' * t.latest}
        <input class="command hidden" value="{t.name}" /><button><svg></svg></button>
        </span><p class="col-span-2">{size(t)}</p><p class="col-span-2">{t.context}</p>
        <div class="col-span-2">{t.inputs}</div></div><div>
        <span class="font-mono">{t.digest}</span>&nbsp;·&nbsp;{t.updated}</div></div>
        </div>"""
        for t in tags
    )
    return f"""{_header(tags)}<section><div><div class="divide-y">
    <div class="grid"><p>Name</p><p class="md:hidden">{len(tags)} models</p>
    <p>Size</p><p>Context</p><p>Input</p></div>{rows}</div></div></section>"""


def _tags_2026(tags: Sequence[Tag]) -> str:
    return _tags_2025(tags, lambda t: "Low Usage" if t.size == "-" else t.size)


def _tags_table(tags: Sequence[Tag]) -> str:
    rows = "".join(
        f"""<tr><td><code>{t.name}</code><button value="ollama run {t.name}"></button>
        {"<em>latest</em>" * t.latest}<td>{t.size}<td>{t.context}<td>{t.inputs}
        <td>sha256:{t.digest}<td>Updated {t.updated}"""
        for t in tags
    )
    return f"{_header(tags)}<table><tr><th>Tag<th>Size<tbody>{rows}</table>"


TAG_PAGES: dict[str, Callable[[Sequence[Tag]], str]] = {
    "2024": _tags_2024,
    "2025": _tags_2025,
    "2026": _tags_2026,
    "table": _tags_table,
}
