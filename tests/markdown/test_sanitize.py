from __future__ import annotations

import re

import pytest
from markdown_it import MarkdownIt

from parllama_nb.markdown.sanitize import sanitize

from ..browser.xss_corpus import CORPUS as BROWSER_CORPUS
from .hostile import HOSTILE, LIVE
from .reading import RENDERERS, Page, commonmark, nbconvert

FOOTER = "\n\n---\nfooter"
ENDS_IN_FOOTER = re.compile(r"<hr ?/?>\s*<p>footer</p>\s*\Z")
TEX = re.compile(r"\\(?:href|url|require|style|class|includegraphics)(?![A-Za-z])")

ORDINARY = [
    "Hello, *world*. This is **important**, and ***this*** too.",
    "# Title\n\nText.\n\n## Part *two*\n\n### C#\n\nMore\nlines.",
    "Title\n=====\n\nPart\n----\n\ntext",
    "- one\n- two\n  - nested\n    - deeper\n- three",
    "* one\n\n* two\n\n  second paragraph\n\n* three",
    "1. one\n2. two\n   - a\n   - b\n3. three",
    "7) seven\n8) eight",
    "1. Install:\n\n   ```sh\n   pip install x\n   ```\n\n2. Run:\n\n       x --help\n",
    "- Item with code:\n  ```python\n  print('<b>')\n  ```\n- next",
    "```python\ndef f(x: List[int]) -> Dict[str, T]:\n    return x < 3 & 4 # $x$\n```",
    "~~~\nplain ``` ticks\n~~~",
    "````markdown\n```python\nx\n```\n````",
    "    indented <code>\n\n    more",
    "Use `x < y && z`, ``a ` b``, `` ` `` and `*not em*`.",
    "| a | b |\n|:--|--:|\n| 1 | `x` |\n| *2* | a\\|b |",
    "| only |\n|---|\n\ntext after",
    "> quoted\n> text\n>\n> > nested\n\nafter",
    "> - list in quote\n>\n> ```\n> code\n> ```",
    "A [link](https://a.example/b_c_d?x=1&y=2#z), [titled](https://a.example 'T').",
    "A [reference][r] and [r].\n\n[r]: https://a.example/x_(y)",
    "<https://a.example/?a=1&b=2> and <me@a.example>",
    "See https://a.example/snake_case_name and www.a.example.",
    "[relative](docs/x.md) and [anchor](#part-two) and [mail](mailto:a@b.example)",
    "x < y, y > z, List<int>, vector<vector<int>>, a && b, AT&T, R&D; 3 << 2 &amp; x",
    "snake_case_name and __init__ and 2 * 3 * 4 and C:\\Users\\new and a\\_b",
    "~~struck~~ and ~about and H~2~O",
    "Line one  \nline two\\\nline three",
    "Not a list: 1\\. and \\- and \\# and \\* and\n\\+ this",
    "Text\n\n---\n\nmore\n\n***\n\nend",
    "- [ ] open\n- [x] done",
    "Array a[0], a[i][j], [brackets] and footnote[^1] and [1, 2].\n\n[3] cites",
    "&copy; &nbsp; &#8364; &lt;b&gt; \u00e9 \u4e2d\u6587 \U0001f600",
    "Quotes \"a\" 'b' -- and ... (parens) {braces} @user #1 50% ^up",
    "**Bold:** text, **`code`** and *[link](https://a.example)*.",
    "**[bold link `code`](https://a.example)**_under_ *a*b",
    "Hello!\n\n[Click](https://a.example)! [x](https://b.example)",
    "Price: 5$ only.",
    "",
    "\n\n",
]


def rendered(markdown: str) -> list[object]:
    """Return what an ordinary renderer shows, with raw HTML as text."""
    md = MarkdownIt("commonmark", {"html": False}).enable(["table", "strikethrough"])
    return Page(md.render(markdown)).shape


@pytest.mark.parametrize("text", ORDINARY)
def test_an_ordinary_answer_renders_as_before(text: str) -> None:
    assert Page(commonmark(sanitize(text))).shape == rendered(text)


@pytest.mark.parametrize("text", ORDINARY)
def test_sanitizing_twice_changes_nothing(text: str) -> None:
    assert sanitize(sanitize(text)) == sanitize(text)


@pytest.mark.parametrize("renderer", RENDERERS)
@pytest.mark.parametrize("text", [*HOSTILE, *BROWSER_CORPUS])
def test_a_hostile_answer_is_harmless_once_sanitized(text: str, renderer: str) -> None:
    html = RENDERERS[renderer](sanitize(text) + FOOTER)
    page = Page(html)
    assert page.alive == []
    assert not any(map(TEX.search, page.prose))
    assert ENDS_IN_FOOTER.search(html)


def test_the_hostile_answers_are_harmful_unsanitized() -> None:
    alive = [
        text
        for text in HOSTILE
        if any(
            Page(render(text)).alive or any(map(TEX.search, Page(render(text)).prose))
            for render in RENDERERS.values()
        )
    ]
    # The others target renderers that are not used here, or the footer.
    assert len(alive) > len(HOSTILE) / 2


def test_tags_are_shown_as_text() -> None:
    page = Page(commonmark(sanitize(f"a {LIVE} b")))
    assert page.shape == [("p", ()), f"=a {LIVE} b", "/p"]


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("![a chart](https://a.example/x.png)", "a chart"),
        ("![a chart][r]\n\n[r]: https://a.example/x.png", "a chart"),
    ],
)
def test_a_remote_image_becomes_a_link(text: str, expected: str) -> None:
    assert sanitize(text) == f"[image: {expected}](https://a.example/x.png)"


def test_an_image_within_a_link_leaves_the_link() -> None:
    text = sanitize("[![build](https://a.example/b.svg)](https://b.example)")
    assert 'href="https://b.example"' in commonmark(text)
    assert "a.example" not in text


def test_an_image_with_its_data_in_the_answer_stays() -> None:
    text = "![dot](data:image/png;base64,iVBORw0KGgo=)"
    assert sanitize(text) == text


@pytest.mark.parametrize(
    "text",
    [
        "`<b> $x$ \\begin{a}`",
        "`` a ` b ``",
        "``` a `` b ` ```",
        "```\n<b>&lt;$x$ \\href{a}{b}\n\n\ttab\n```",
        "    <script>\n\n      $x",
        "- a\n\n      <b>\n",
        "$x$ and `$HOME`, `\\\\(x\\\\)`, `$$`",
        "| a |\n|---|\n| `x \\| y` |",
    ],
)
@pytest.mark.parametrize("renderer", RENDERERS)
def test_code_comes_out_unchanged(text: str, renderer: str) -> None:
    def code(html: str) -> list[str]:
        return re.findall(r"<code[^>]*>(.*?)</code>", html, re.DOTALL)

    md = MarkdownIt("commonmark", {"html": False}).enable("table")
    before = [Page(part).shape for part in code(md.render(text))]
    after = [Page(part).shape for part in code(RENDERERS[renderer](sanitize(text)))]
    assert before
    assert after == before


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("$a<b$ and $c < d$", "$a< b$ and $c < d$"),
        ("Energy $E = mc^2$.", "Energy $E = mc^2$."),
        ("$a_1 * b_2 * c_3$", "$a_1 * b_2 * c_3$"),
        ("the $n$th and $k$-means", "the $n$th and $k$-means"),
        (r"\(a^2\) and \\(b\\)", "$a^2$ and $b$"),
        (r"$\{x \mid x > 0\}$", r"$\{x \mid x > 0\}$"),
        (r"\[ x = 1 \]", "$$\nx = 1\n$$"),
        ("$$\nx\n$$", "$$\nx\n$$"),
        ("$$x$$ inline", "$$x$$ inline"),
        ("$$\na\n- b\n= c\n$$", "$$\na - b = c\n$$"),
        ("$$\n- a\n$$", "$$ - a\n$$"),
        (
            "\\begin{align}\na &= b \\\\[2pt]\nc &= d\n\\end{align}",
            "\\begin{align}\na &= b \\\\[2pt]\nc &= d\n\\end{align}",
        ),
        ("text:\n$$\nx\n$$\nmore", "text:\n\n$$\nx\n$$\n\nmore"),
        ("- a:\n  $$\n  x\n  $$\n- b", "- a:\n  $$\n  x\n  $$\n- b"),
        ("> $$\n> x\n> $$", "> $$x$$"),
        ("| a |\n|---|\n| $\\|x\\|$ |", "| a |\n| --- |\n| $\\vert x\\vert $ |"),
    ],
)
def test_formulas_stay_formulas(text: str, expected: str) -> None:
    assert sanitize(text) == expected


@pytest.mark.parametrize(
    "text",
    [
        "It costs $5 to $10.",
        "Between $5-$10, or US$5 and CA$6",
        "Set $HOME and $PATH, or $HOME/$USER.",
        "$ 5 and $ 6",
        "I paid $500. The result is $x = 10$.",
    ],
)
def test_amounts_of_money_are_not_formulas(text: str) -> None:
    # MathJax reads the finished page: only an element of its own keeps a dollar.
    html = commonmark(sanitize(text))
    assert "".join(Page(html).prose).strip() == text
    assert html.count("<span>$</span>") == text.replace("$x = 10$", "").count("$")


@pytest.mark.parametrize(
    "text",
    ["$\\href{https://a.example}{x}$", "\\[\n\\url{a}\n\\]", "\\$\\require{b}\\$"],
)
def test_commands_that_act_outside_of_a_formula_are_shown_as_text(text: str) -> None:
    assert not TEX.search(sanitize(text))


def test_a_line_break_is_allowed_in_a_table() -> None:
    text = "| a |\n| --- |\n| x<br>y |"
    assert sanitize(text) == text


def test_a_row_of_code_with_a_dollar_cannot_reach_the_next_item() -> None:
    # JupyterLab's search for formulas ends at a blank line, and only there.
    text = sanitize("- a\n  ```\n  $x\n  ```\n- $y$")
    assert text == "- a\n\n  ```\n  $x\n  ```\n\n- $y$"


def test_a_long_link_definition_cannot_be_repeated_without_limit() -> None:
    url = "https://a.example/" + "x" * 3_000
    text = "[r]: " + url + "\n\n" + "[r] " * 900
    assert len(sanitize(text)) < 4 * len(text) + 20_000


@pytest.mark.parametrize("info", ["python", "c++", "x$y$", 'a"b', "<b>"])
def test_only_a_plain_word_is_kept_as_the_language_of_code(info: str) -> None:
    text = sanitize(f"```{info}\nx\n```")
    assert re.match(r"```[\w+#.-]*\nx\n```\Z", text)


@pytest.mark.parametrize(
    "text",
    [
        "> " * 100_000 + LIVE,
        ">" * 100_000 + LIVE,
        "- " * 100_000 + LIVE,
        "\n".join("  " * level + "- x" for level in range(200)) + LIVE,
    ],
)
@pytest.mark.parametrize("renderer", RENDERERS)
def test_an_answer_nested_too_deep_becomes_one_block_of_code(
    text: str, renderer: str
) -> None:
    out = sanitize(text)
    assert LIVE in out
    html = RENDERERS[renderer](out + FOOTER)
    assert Page(html).alive == []
    assert ENDS_IN_FOOTER.search(html)


@pytest.mark.parametrize(
    "unit",
    ["[", "`", ">", "$", "<!--", "![", "\\(", "\\\\[", "*a ", "[a]: b\n", "- a\n"],
)
def test_an_answer_too_long_to_parse_becomes_one_block_of_code(unit: str) -> None:
    text = unit * (1_000_000 // len(unit))
    out = sanitize(text)
    assert text.strip() in out
    assert out.endswith("`")


def test_a_long_ordinary_answer_is_still_markdown() -> None:
    prose = "Some *text* of ordinary prose, with `code` and a full stop. " * 8
    text = "\n\n".join(f"## Part {n}\n\n{prose}" for n in range(1_500))
    assert len(text) > 700_000
    assert sanitize(text).startswith("## Part 0\n\nSome *text* of")


def test_nbconvert_shows_formulas_and_code_in_one_line() -> None:
    html = nbconvert(sanitize("Let $x<y$ and `$z` in $w$."))
    assert html == "<p>Let $x&lt; y$ and <code>$z</code> in $w$.</p>\n"
