"""Where a renderer's rules would show marks, an answer is written as it was meant."""

from __future__ import annotations

from pathlib import Path

import pytest

from parllama_nb.markdown.sanitize import sanitize

from .reading import Page, commonmark, nbconvert

SAMPLES = {
    path.stem: path.read_text()
    for path in sorted(Path(__file__).with_name("samples").glob("*.md"))
}
RTL = "\u0645\u0631\u062d\u0628\u0627"
RIGHT = '<span dir="auto" style="display:block;text-align:right">'


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("**粗体**文字", "**粗体**文字"),
        ("**「A」**和", "<strong>「A」</strong>和"),
        ("和**「A」**", "和<strong>「A」</strong>"),
        ("*「A」*和~~「B」~~和", "<em>「A」</em>和<del>「B」</del>和"),
        ("***「A」***和", "<em><strong>「A」</strong></em>和"),
        ("**甲*「乙」*丙**丁", "**甲<em>「乙」</em>丙**丁"),
        ("**A:** b", "**A:** b"),
        ("**A:**b", r"\*\*A:\*\*b"),
        ("한**'강조'**를", "한<strong>'강조'</strong>를"),
        ("甲_「乙」_丙", r"甲\_「乙」\_丙"),
        ("甲**$x$「乙」**丙", "甲<strong>$x$「乙」</strong>丙"),
    ],
)
def test_emphasis_is_written_as_tags_only_where_marks_would_show(
    text: str, expected: str
) -> None:
    assert sanitize(text) == expected


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        (r"C:\data\report.txt", r"C:\data\report.txt"),
        (r"C:\a\.ssh and D:\_x_", r"C:\a&#92;.ssh and D:&#92;\_x\_"),
        (r"**C:\a\** or D:\.", r"**C:\a&#92;** or D:&#92;."),
        (r"C:\**\*.py", r"C:&#92;\*\*&#92;\*.py"),
        (r"\\?\C:\a", r"<span>&#92;</span>&#92;?\C:\a"),
        (r"\\server\share", r"<span>&#92;</span>\server\share"),
        (r"\_ and \*", r"\_ and \*"),
        (r"see\_this.", r"see_this."),
    ],
)
def test_a_path_keeps_its_backslashes_and_gets_no_other_character(
    text: str, expected: str
) -> None:
    assert sanitize(text) == expected


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("https://a.example/b and", "https://a.example/b and"),
        ("https://a.example/b。和", "<https://a.example/b>。和"),
        ("「https://a.example/b」", "「<https://a.example/b>」"),
        ("**https://a.example/b**", "**<https://a.example/b>**"),
        ("(https://a.example/b_(c))", "(<https://a.example/b_(c)>)"),
        ("www.a.example, b", "www.a.example, b"),
        ("www.a.example。", "[www&#46;a.example](http://www.a.example)。"),
        ("xhttps://a.example", "xhttps&#58;//a.example"),
        ("`https://a.example`", "`https://a.example`"),
    ],
)
def test_an_address_ends_where_the_text_goes_on(text: str, expected: str) -> None:
    assert sanitize(text) == expected


def test_an_address_as_the_text_of_a_link_is_no_second_link() -> None:
    text = sanitize("[https://a.example](https://b.example)")
    assert commonmark(text).count("<a ") == 1


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        (RTL, f"{RIGHT}{RTL}</span>"),
        (f"# {RTL}", f'<div dir="auto">\n\n# {RTL}\n\n</div>'),
        (
            f"- {RTL}\n- b",
            f'<div dir="rtl">\n\n- {RTL}\n- <span dir="auto">b</span>\n\n</div>',
        ),
        (f"`a` {RTL}", f'{RIGHT}<code dir="ltr">a</code> {RTL}</span>'),
        (f"$a$ {RTL}", f'{RIGHT}<span dir="ltr">$a$</span> {RTL}</span>'),
        (f"a {RTL}", f"a {RTL}"),
        (f"```\n{RTL}\n```", f"```\n{RTL}\n```"),
        (f"- a\n- {RTL}", f'- a\n- <span dir="auto">{RTL}</span>'),
    ],
)
def test_a_block_runs_in_the_direction_of_its_first_letter(
    text: str, expected: str | None
) -> None:
    if expected is None:
        expected = f'<div dir="rtl">\n\n- {RTL}\n- <span dir="auto">b</span>\n\n</div>'
    assert sanitize(text) == expected


def test_code_within_text_from_right_to_left_runs_from_left_to_right() -> None:
    text = sanitize(f"- {RTL}\n\n  ```\n  a = 1\n  ```\n")
    assert '\n  <div dir="ltr">\n\n  ```\n  a = 1\n  ```\n\n  </div>\n' in text


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("$$\na\n\nb\n$$", "$$\na\nb\n$$"),
        ("\\[\na\n\nb\n\\]", "$$\na\nb\n$$"),
        ("$$a\n\nb$$", "<span>&#36;</span><span>&#36;</span>a\n\nb<span>&#36;"),
        ("> $$\n> a\n> b\n> $$", "> $$a b$$"),
        ("It costs $5, or 4$ each.", "It costs <span>&#36;</span>5, or 4<span>"),
        ("和$y$的", "和$y$的"),
        (
            "| a | b |\n|--|--|\n| $|x|$ | `c|d` |",
            "| $\\vert x\\vert $ | <code>c&#124;d",
        ),
        ("| a | b |\n|--|--|\n| `c | d` |", "| &#96;c | d&#96; |"),
    ],
)
def test_formulas_are_found_where_they_are_meant(text: str, expected: str) -> None:
    assert expected in sanitize(text)


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("```md\n```py\nx\n```\ny\n```\nz", "````md\n```py\nx\n```\ny\n````\n\nz"),
        ("```md\n```py\n```\nz", "````md\n```py\n````\n\nz"),
        ("```md\n```py\nx\n```\nz", "````md\n```py\nx\n````\n\nz"),
        ("```py\n```md\nx\n```\nz", "````py\n```md\nx\n````\n\nz"),
        ("````md\n```py\nx\n````\nz", "````md\n```py\nx\n````\n\nz"),
        (
            "- ```md\n  ```sh\n  x\n  ```\n  ```",
            "- ````md\n  ```sh\n  x\n  ```\n  ````",
        ),
    ],
)
def test_fences_within_a_fence_of_markdown_end_by_themselves(
    text: str, expected: str
) -> None:
    assert sanitize(text) == expected


@pytest.mark.parametrize("name", [n for n in SAMPLES if "formula" not in n])
def test_nbconvert_shows_the_same_emphasis_and_blocks(name: str) -> None:
    def shape(html: str) -> list[str]:
        kept = {"strong", "em", "del", "p", "h1", "h2", "h3", "li", "td", "blockquote"}
        tags = (part[0] for part in Page(html).shape if isinstance(part, tuple))
        return [tag for tag in (str(tag) for tag in tags) if tag in kept]

    written = sanitize(SAMPLES[name])
    expected = [
        "del" if tag == "s" else tag
        for tag in shape(commonmark(written).replace("<s>", "<del>"))
    ]
    assert shape(nbconvert(written)) == expected
