"""What a page sees of a cell, by the clock of the machine, and what it costs it."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from playwright.sync_api import TimeoutError as PlaywrightTimeoutError

from ..lab.lab import Notebook

if TYPE_CHECKING:
    from playwright.sync_api import Browser

__all__ = ["SETTLED", "begin", "renderer_seconds", "result"]

SETTLED = "!!output.querySelector('.jp-RenderedMarkdown sub')"
"""The answer is Markdown, with its footer."""

# Times are Unix milliseconds of after the frame was painted: the system's clock, as
# the server's are. Polling would cost what is to be measured, so it observes.
_WATCH = """
(index) => {
    const panel = window.jupyterapp.shell.currentWidget;
    const cell = panel.content.widgets[index];
    const output = cell.outputArea.node;
    const seen = { first: null, settled: null, changed: null, idle: null };
    const noticed = { first: false, settled: false };
    const painted = (then) => requestAnimationFrame(() => {
        const channel = new MessageChannel();
        channel.port1.onmessage = then;
        channel.port2.postMessage(null);
    });
    const TEXT = '.pl-markdown, [style*="pre-wrap"], .jp-RenderedText pre,'
        + ' .jp-RenderedMarkdown';
    const look = () => {
        seen.changed = Date.now();
        const shown = (node) => node.textContent.trim();
        if (!noticed.first && [...output.querySelectorAll(TEXT)].some(shown)) {
            noticed.first = true;
            painted(() => { seen.first = Date.now(); });
        }
        if (!noticed.settled && window.plBenchSettled?.(output)) {
            noticed.settled = true;
            painted(() => { seen.settled = Date.now(); });
        }
    };
    const observer = new MutationObserver(look);
    observer.observe(output, { childList: true, subtree: true, characterData: true });
    // The kernel's status tells of all it does, of views' messages too.
    const status = (model, { name }) => {
        if (name === 'executionState' && model.executionState === 'idle') {
            seen.idle = Date.now();
        }
    };
    cell.model.stateChanged.connect(status);
    window.plBench = {
        seen,
        shown: () => output.textContent,
        end() {
            observer.disconnect();
            cell.model.stateChanged.disconnect(status);
            return seen;
        },
    };
}
"""


def begin(notebook: Notebook, index: int, settled: str = "") -> None:
    """Watch the output of a cell.

    Args:
        notebook: where it is.
        index: which cell.
        settled: a JavaScript expression on `output`, true once the output is whole;
            `result` then waits for it.

    """
    whole = f"(output) => {settled}" if settled else "null"
    notebook.page.evaluate(f"() => {{ window.plBenchSettled = {whole}; }}")
    notebook.page.evaluate(_WATCH, index)


def result(notebook: Notebook, quiet: float = 0.0) -> dict[str, Any]:
    """What was seen, once nothing has changed for so many seconds."""
    try:
        notebook.page.wait_for_function(
            """(quiet) => {
                const { first, settled, changed, idle } = window.plBench.seen;
                return first !== null && idle !== null && Date.now() - changed >= quiet
                    && (settled !== null || !window.plBenchSettled);
            }""",
            arg=1000 * quiet,
            polling=200,
        )
    except PlaywrightTimeoutError:
        seen = notebook.page.evaluate("() => window.plBench.seen")
        end = notebook.page.evaluate("() => window.plBench.shown().slice(-200)")
        message = f"it did not come to its end: {seen}, {notebook.errors}, {end!r}"
        raise RuntimeError(message) from None
    result: dict[str, Any] = notebook.page.evaluate("() => window.plBench.end()")
    return result


def renderer_seconds(browser: Browser) -> float:
    """The processor time of all renderer processes until now, all their threads."""
    session = browser.new_browser_cdp_session()
    try:
        found = session.send("SystemInfo.getProcessInfo")["processInfo"]
    finally:
        session.detach()
    return float(sum(p["cpuTime"] for p in found if p["type"] == "renderer"))
