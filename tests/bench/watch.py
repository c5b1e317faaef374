"""What a page sees of a cell, by the clock of the machine, and what it costs it."""

from __future__ import annotations

from typing import Any

from playwright.sync_api import Browser

from ..lab.lab import Notebook

__all__ = ["begin", "renderer_seconds", "result"]

# Times are Unix milliseconds of after the frame was painted: the system's clock, as
# the server's are. Polling would cost what is to be measured, so it observes.
_WATCH = """
(index) => {
    const panel = window.jupyterapp.shell.currentWidget;
    const output = panel.content.widgets[index].outputArea.node;
    const kernel = panel.sessionContext.session.kernel;
    const seen = { first: null, settled: null, changed: null, idle: null, stop: null };
    const painted = (then) => requestAnimationFrame(() => {
        const channel = new MessageChannel();
        channel.port1.onmessage = then;
        channel.port2.postMessage(null);
    });
    const TEXT = '.pl-markdown, [style*="pre-wrap"], .jp-RenderedText pre,'
        + ' .jp-RenderedMarkdown';
    const look = () => {
        const now = Date.now();
        seen.changed = now;
        if (seen.first === null) {
            for (const node of output.querySelectorAll(TEXT)) {
                if (!node.textContent.trim()) continue;
                seen.first = now;
                painted(() => { seen.first = Date.now(); });
                break;
            }
        }
        if (seen.settled === null && window.plBenchSettled(output)) {
            seen.settled = now;
            painted(() => { seen.settled = Date.now(); });
        }
    };
    const observer = new MutationObserver(look);
    observer.observe(output, { childList: true, subtree: true, characterData: true });
    const status = (_, now) => { if (now === 'idle') seen.idle = Date.now(); };
    kernel.statusChanged.connect(status);
    window.plBench = {
        seen,
        end() {
            observer.disconnect();
            kernel.statusChanged.disconnect(status);
            return seen;
        },
    };
}
"""


def begin(notebook: Notebook, index: int, settled: str = "false") -> None:
    """Watch the output of a cell.

    Args:
        notebook: where it is.
        index: which cell.
        settled: a JavaScript expression on `output`, true once the output is whole.

    """
    notebook.page.evaluate(
        f"() => {{ window.plBenchSettled = (output) => {settled}; }}"
    )
    notebook.page.evaluate(_WATCH, index)


def result(notebook: Notebook, quiet: float = 0.0) -> dict[str, Any]:
    """What was seen, once nothing has changed for so many seconds."""
    notebook.page.wait_for_function(
        """(quiet) => {
            const { changed, idle } = window.plBench.seen;
            return idle !== null && changed !== null && Date.now() - changed >= quiet;
        }""",
        arg=1000 * quiet,
        polling=200,
    )
    seen: dict[str, Any] = notebook.page.evaluate("() => window.plBench.end()")
    return seen


def renderer_seconds(browser: Browser) -> float:
    """The processor time of all renderer processes until now, all their threads."""
    session = browser.new_browser_cdp_session()
    try:
        found = session.send("SystemInfo.getProcessInfo")["processInfo"]
    finally:
        session.detach()
    return float(sum(p["cpuTime"] for p in found if p["type"] == "renderer"))
