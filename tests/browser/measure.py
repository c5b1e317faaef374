"""What the answer view costs the browser: `python -m tests.browser.measure`.

An answer of about 4,000 tokens of highlighted Markdown (16 KB) comes as 100 deltas
over 4 seconds. Told are the main thread's scripting and all its tasks (Chromium's
own counters), the CPU time of the renderer process, and how long after the last
delta its text was on the screen.
"""

from __future__ import annotations

import json
import statistics
import sys

from playwright.sync_api import Browser, sync_playwright

from .harness import launch, open_stub, serve

__all__ = ["TEXTS", "measure"]

_SECTION = """## Step {n}: a title

A paragraph of *some* length with `code`, **bold words** and a [link](https://a.test),
as models write them when they explain what the next lines do, and why it is done.

```python
def step_{n}(values: list[float], scale: float = {n}.5) -> dict[str, float]:
    \"\"\"Scale the values and name them.\"\"\"
    result = {{}}
    for index, value in enumerate(values):  # one after the other
        result[f"value_{{index}}"] = value * scale if value > 0 else None
    return result
```

1. First, **read** the data
2. Then `clean` it
   - drop what is missing
   - keep the rest

| name | value | note |
|------|------:|------|
| a    |   {n} | one  |
| b    |  2{n} | two  |

"""


def _section(size: int) -> str:
    text = ""
    number = 0
    while len(text) < size:
        number += 1
        text += _SECTION.format(n=number)
    return text[: text.rfind("\n\n", 0, size)] + "\n\nThe very end."


TEXTS = {
    "mixed": _section(16_000),
    "one list": "".join(f"- item {n} with **bold** and `code`\n" for n in range(420))
    + "\n\nThe very end.",
    "one fence": "```python\n"
    + "".join(f"value_{n} = compute({n}, 'text')  # note\n" for n in range(380))
    + "```\n\nThe very end.",
    "one paragraph": "word and **bold** again " * 680 + "\n\nThe very end.",
}

_RUN = """
async ([text, deltas, seconds]) => {
  const widget = widgets.at(-1);
  const size = Math.ceil(text.length / deltas);
  const began = performance.now();
  for (let index = 0; index < deltas; index++) {
    const part = text.slice(index * size, (index + 1) * size);
    widget.tell("delta", {kind: "text", text: part});
    const due = began + (index + 1) * seconds * 1000 / deltas - performance.now();
    if (index < deltas - 1) await new Promise(done => setTimeout(done, due));
  }
  const last = performance.now();
  widget.tell("settled", {state: "done", footer: "end"});
  while (!widget.el.querySelector(".pl-markdown").textContent.endsWith("The very end."))
    await new Promise(requestAnimationFrame);
  // The task after the next frame's callbacks comes when that frame was painted.
  await new Promise(done => requestAnimationFrame(() => setTimeout(done)));
  return performance.now() - last;
}
"""


def measure(browser: Browser, port: int, text: str) -> dict[str, float]:
    """Seconds of one run."""
    context = browser.new_context(viewport={"width": 1000, "height": 800})
    stub = open_stub(context, port)
    stub.widget()
    stub.page.locator(".pl-answer").wait_for()
    session = context.new_cdp_session(stub.page)
    session.send("Performance.enable")
    whole = browser.new_browser_cdp_session()

    def now() -> dict[str, float]:
        found = session.send("Performance.getMetrics")["metrics"]
        values = {metric["name"]: metric["value"] for metric in found}
        processes = whole.send("SystemInfo.getProcessInfo")["processInfo"]
        cpu = sum(each["cpuTime"] for each in processes if each["type"] == "renderer")
        names = (
            "ScriptDuration",
            "LayoutDuration",
            "RecalcStyleDuration",
            "TaskDuration",
        )
        return {name: values[name] for name in names} | {"renderer CPU": cpu}

    before = now()
    painted = stub.page.evaluate(_RUN, [text, 100, 4]) / 1000
    stub.page.wait_for_timeout(500)
    after = now()
    context.close()
    used = {name: after[name] - before[name] for name in before}
    return used | {"last delta to painted": painted}


def main() -> None:
    """Print the medians of three runs of each text."""
    wanted = sys.argv[1:] or list(TEXTS)
    with serve() as port, sync_playwright() as playwright:
        browser = launch(playwright)
        for name in wanted:
            runs = [measure(browser, port, TEXTS[name]) for _ in range(3)]
            medians = {
                key: round(statistics.median(run[key] for run in runs), 3)
                for key in runs[0]
            }
            print(f"{name} ({len(TEXTS[name])} characters): {json.dumps(medians)}")
        browser.close()


if __name__ == "__main__":
    main()
