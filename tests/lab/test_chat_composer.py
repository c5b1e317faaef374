"""The composer in a real JupyterLab: files on their way over a real connection."""

from __future__ import annotations

import re

import pytest
from playwright.sync_api import Locator, expect

from .conftest import OpenNotebook
from .test_chat import chat

pytestmark = pytest.mark.lab

# A picture of noise, which no format makes small.
_NOISE = """async ([width, height]) => {
  const canvas = document.createElement("canvas");
  canvas.width = width;
  canvas.height = height;
  const context = canvas.getContext("2d");
  const image = context.createImageData(width, height);
  for (let at = 0; at < image.data.length; at += 65536)
    crypto.getRandomValues(image.data.subarray(at, at + 65536));
  for (let at = 3; at < image.data.length; at += 4) image.data[at] = 255;
  context.putImageData(image, 0, 0);
  return new Promise(done => canvas.toBlob(done, "image/png"));
}"""


def chips(view: Locator) -> Locator:
    return view.get_by_role("list", name="Attachments").get_by_role("listitem")


def test_an_image_is_pasted_and_a_large_one_dropped_and_both_survive_a_reload(
    open_notebook: OpenNotebook,
) -> None:
    notebook = open_notebook(
        "%parllama use embedded/smollm2", "%parllama chat --session pictures"
    )
    notebook.run(1)
    notebook.run(2)
    view = chat(notebook, 2)
    page = notebook.page
    page.context.grant_permissions(["clipboard-read", "clipboard-write"])
    try:
        box = view.get_by_role("textbox", name="Message")
        box.focus()
        page.evaluate(
            f"""async () => {{
              const image = await ({_NOISE})([40, 30]);
              await navigator.clipboard.write(
                [new ClipboardItem({{"image/png": image}})]);
            }}"""
        )
        box.press("ControlOrMeta+v")
        expect(chips(view)).to_have_count(1)
        expect(chips(view)).to_contain_text("40 x 30")
    finally:
        page.context.clear_permissions()
    warning = view.get_by_text("embedded/smollm2 cannot see images.")
    expect(warning).to_be_visible(timeout=30_000)

    # About 4 MB: more than one message, and more than a page may be sent a second.
    view.locator(".pl-scroller").evaluate(
        f"""async el => {{
          const image = await ({_NOISE})([1200, 1100]);
          const data = new DataTransfer();
          data.items.add(new File([image], "large.png", {{type: "image/png"}}));
          for (const kind of ["dragenter", "dragover", "drop"])
            el.dispatchEvent(new DragEvent(kind,
              {{dataTransfer: data, bubbles: true, cancelable: true}}));
        }}"""
    )
    expect(chips(view)).to_have_count(2)
    expect(chips(view).nth(1)).to_contain_text(
        re.compile(r"1200 x 1100 · [3-9]\.\d MB"), timeout=60_000
    )

    notebook.save()
    notebook.reload()
    view = chat(notebook, 2)
    expect(chips(view)).to_have_count(2)
    # The pictures come from the kernel now, made small.
    expect(chips(view).locator("img")).to_have_count(2)
    chips(view).nth(1).get_by_role("button", name="Look at large.png").click()
    large = page.get_by_role("dialog", name="large.png").get_by_role("img")
    expect(large).to_be_visible()
    page.keyboard.press("Escape")
    for name in ("large.png", "image.png"):
        view.get_by_role("button", name=f"Remove {name}").click()
    expect(chips(view)).to_have_count(0)
