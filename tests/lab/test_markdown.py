"""What streams is what stays: answers in the view, and settled in a real JupyterLab."""

from __future__ import annotations

import unicodedata
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from parllama_nb.markdown.sanitize import sanitize

from ..browser.harness import open_stub, serve
from .lab import Notebook, Server, write_notebook

if TYPE_CHECKING:
    from collections.abc import Iterator

    from playwright.sync_api import BrowserContext

pytestmark = pytest.mark.lab

SAMPLES = {
    path.stem: path.read_text().rstrip("\n")
    for path in sorted((Path(__file__).parents[1] / "markdown/samples").glob("*.md"))
}
# Characters that a view is sent at a time.
PIECES = [1, 4, 40]
# Where a link's address may go on, there is no link before the end.
LATE = {"reference-links"}

OUTLINE = Path(__file__).with_name("outline.js").read_text()

_SETTLED = """async (texts) => {
    const { rendermime } = window.jupyterapp.shell.currentWidget.content;
    const found = [];
    for (const text of texts) {
        const renderer = rendermime.createRenderer('text/markdown');
        document.body.append(renderer.node);
        const data = { 'text/markdown': text };
        await renderer.renderModel(rendermime.createModel({ data, trusted: false }));
        // In an output this is not waited for either.
        await rendermime.latexTypesetter.typeset(renderer.node);
        const { math } = await rendermime.latexTypesetter.mathDocument();
        for (const { typesetRoot, math: tex, display } of math)
            Object.assign(typesetRoot.dataset, { tex, display });
        found.push([window.outline(renderer.node), renderer.node.innerText]);
        renderer.node.remove();
    }
    return found;
}"""

# All views side by side: a frame of the page brings each of them a piece.
_STREAMED = """async ([texts, sizes]) => {
    const frame = () => new Promise(requestAnimationFrame);
    const until = async (done) => {
        for (let left = 1200; left && !done(); left--) await frame();
    };
    // So many views at once would keep the page busy with where they stand.
    document.querySelector('#out').style.contentVisibility = 'hidden';
    const runs = [];
    for (const text of texts) {
        for (const size of sizes) {
            const widget = window.widgets[await openWidget()];
            runs.push({ text, size, at: 0, widget });
        }
    }
    const boxes = () => runs.map(
        ({ widget }) => widget.el.querySelector('.pl-markdown'));
    while (runs.some(({ text, at }) => at < text.length)) {
        for (const run of runs) {
            const piece = run.text.slice(run.at, run.at + run.size);
            if (piece) run.widget.tell('delta', { kind: 'text', text: piece });
            run.at += run.size;
        }
        await frame();
    }
    const shown = async () => {
        // A view that has much to do leaves frames out.
        let before = '';
        await until(() => {
            const now = boxes().map((box) => box?.innerHTML).join();
            const same = now === before && !document.querySelector('.pl-tex');
            before = now;
            return same;
        });
        await frame();
        return boxes().map((box) => window.outline(box));
    };
    const streamed = await shown();
    for (const { widget } of runs)
        widget.tell('settled', { state: 'done', footer: 'm' });
    await until(() => !document.querySelector('.pl-streaming'));
    return [streamed, await shown()];
}"""


@dataclass
class Seen:
    """A sample as its readers have it, each time as an outline."""

    settled: list[str]
    text: str
    """All text that a reader can copy of the settled answer."""
    streamed: dict[int, list[str]]
    """By the size of the pieces, before the end is known."""
    complete: dict[int, list[str]]


@pytest.fixture(scope="module")
def seen(lab: Server, context: BrowserContext) -> Iterator[dict[str, Seen]]:
    path = write_notebook(lab.root / "markdown.ipynb", "1")
    lab.start_kernel(path)
    notebook = Notebook(lab, context.new_page(), path)
    notebook.page.add_script_tag(content=OUTLINE)
    settled = notebook.page.evaluate(
        _SETTLED, [sanitize(text) for text in SAMPLES.values()]
    )
    assert notebook.errors == []
    with serve() as port:
        stub = open_stub(context, port)
        stub.page.add_script_tag(content=OUTLINE)
        streamed, complete = stub.page.evaluate(
            _STREAMED, [list(SAMPLES.values()), PIECES]
        )
        assert stub.errors == []
        stub.page.close()
    found = {}
    for index, name in enumerate(SAMPLES):
        at = slice(index * len(PIECES), (index + 1) * len(PIECES))
        outline, text = settled[index]
        found[name] = Seen(
            outline,
            text,
            dict(zip(PIECES, streamed[at], strict=True)),
            dict(zip(PIECES, complete[at], strict=True)),
        )
    yield found
    notebook.page.close()
    for session in lab.api("sessions"):
        lab.delete(f"sessions/{session['id']}")


@pytest.mark.parametrize("size", PIECES)
@pytest.mark.parametrize("name", SAMPLES)
def test_an_answer_streams_as_it_settles(
    name: str, size: int, seen: dict[str, Seen]
) -> None:
    if name not in LATE:
        assert seen[name].streamed[size] == seen[name].settled
    assert seen[name].complete[size] == seen[name].settled


@pytest.mark.parametrize("name", SAMPLES)
def test_no_unseen_character_is_copied(name: str, seen: dict[str, Seen]) -> None:
    def unseen(text: str) -> set[str]:
        return {char for char in text if unicodedata.category(char) == "Cf"}

    # MathJax has some of its own between the letters of a formula.
    formulas = set("\u2061\u2062\u2063\u2064")
    assert unseen(seen[name].text) - formulas <= unseen(SAMPLES[name])


@pytest.mark.parametrize(
    ("name", "lines"),
    [
        ("bold-beside-cjk", ["<strong>", '"「強調」"', "</strong>", '"を使います']),
        ("korean-particles", ["<strong>", '"값(value)"', "</strong>", '"이 큽니다. "']),
        ("struck-out-cjk", ["<del>", '"「旧」"', "</del>", '"新。"']),
        ("right-to-left", ["<h1>", 'rtl "عنوان عربي"', "</h1>"]),
        ("right-to-left", ["<ul rtl>", "<li>", 'rtl "البند الأول (مع قوسين)."']),
        ("right-to-left", ["<p>", '"English again."', "</p>"]),
        ("arabic-paragraphs-and-code", ["<p>", "<code>", '"print(x)"', "</code>"]),
        ("windows-path", [r'"Open C:\\data\\report.txt or D:\\class\\style\\url.txt']),
        ("formula-with-empty-lines", ["formula block a=bc=d"]),
        ("formulas-in-quotes", ["formula block b_1=c_1"]),
        ("pipes-in-table-formulas", ["<td right>", "formula |x|", "</td>"]),
        ("dollars-with-spaces", ["formula x+y", '" is small, and "']),
        ("bare-urls-in-chinese", ["</a>", '"。然后看 "']),
        ("formula-opened-in-text", ["formula block E=mc^2", "</p>", "<p>", '"More "']),
        (
            "environments-of-texts",
            [r'"\\begin{itemize} \\item a_b and "', "formula x_1"],
        ),
        (
            "texts-in-formulas",
            [
                (
                    r"formula block f(x)=\begin{cases}1&\text{if}x_1>0"
                    r"\text{inlearning\_rate}\\0&\text{R\&DC\#}\end{cases}"
                )
            ],
        ),
        ("labels-and-references", [r"formula block \begin{equation}x\end{equation}"]),
        ("labels-and-references", [r'"See \\eqref{eq:a_b}, \\ref{eq:a_b} and "']),
        (
            "windows-paths-at-ends",
            ["<strong>", r'"C:\\temp\\"', "</strong>", '" and "'],
        ),
        ("windows-paths-at-ends", ['"在"', "<strong>", r'"C:\\temp\\"', "</strong>"]),
        ("dollars-in-code-of-lists", [r'"$ ls\n\n$ pwd\n$ cd"']),
        ("keycap-emoji", ['"*️⃣ star *️⃣ and #️⃣ "', "<em>"]),
        ("right-to-left-formulas-at-words", ["formula x^2", 'rtl " ثم 5$ و6$."']),
        ("shell-variables-in-braces", ['"${HOME}/${USER}, ${A}_${B} or $x^$']),
        ("entities", ['"Write <div> for a div, & for and, ©']),
    ],
)
def test_a_settled_answer_is_as_it_was_meant(
    name: str, lines: list[str], seen: dict[str, Seen]
) -> None:
    assert "\n".join(lines) in "\n".join(seen[name].settled)
