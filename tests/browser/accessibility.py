"""Whether a view can be used by everyone: axe's rules, and a walk by keyboard."""

from __future__ import annotations

from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from playwright.sync_api import Page

__all__ = ["Walk", "axe_violations", "keyboard_walk"]

AXE = Path(__file__).parents[2] / "js" / "node_modules" / "axe-core" / "axe.min.js"

_RULES = ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa", "best-practice"]

# A view is a part of somebody else's page: its headings and landmarks are the page's.
_NOT_OURS = ["region", "page-has-heading-one", "landmark-one-main", "heading-order"]

_RUN = """
async ([root, tags, off]) => {
  const rules = Object.fromEntries(off.map((rule) => [rule, {enabled: false}]));
  const options = {runOnly: {type: "tag", values: tags}, rules};
  // What fades in is measured once it is there.
  for (const each of document.getAnimations()) {
    if (each.effect.getComputedTiming().endTime !== Infinity) each.finish();
  }
  const found = await axe.run(root, options);
  return found.violations.flatMap(({id, nodes}) => nodes.map(
    ({target, failureSummary}) => `${id}: ${target}: ${failureSummary}`
  ));
}
"""

_BEGIN = """
(root) => {
  axe.setup(document.documentElement);
  const box = document.querySelector(root);
  const edge = (name) => {
    const button = document.createElement("button");
    button.textContent = button.id = name;
    return button;
  };
  box.before(edge("walk-begin"));
  box.after(edge("walk-end"));
  const own = "a[href],button,input,select,textarea,summary,[tabindex]";
  window.walked = new Set();
  window.walkable = [...box.querySelectorAll(own)].filter((el) =>
    el.tabIndex >= 0 && !el.disabled && el.checkVisibility({visibilityProperty: true})
  );
  document.querySelector("#walk-begin").focus();
  return walkable.length;
}
"""

_STOP = """
(root) => {
  const el = document.activeElement;
  if (el.id === "walk-end") return {left: "forward"};
  if (!el.closest(root)) return {left: `to ${el.outerHTML.slice(0, 120)}`};
  const again = walked.has(el);
  walked.add(el);
  const {width, height, left, top} = el.getBoundingClientRect();
  const seen = document.elementsFromPoint(left + width / 2, top + height / 2);
  const {outlineStyle, outlineWidth} = getComputedStyle(el);
  return {
    what: el.outerHTML.slice(0, 120),
    name: axe.commons.text.accessibleText(el),
    control: walkable.includes(el),
    visible: width > 1 && height > 1 && seen.some((at) => el === at || el.contains(at)),
    ring: outlineStyle !== "none" && parseFloat(outlineWidth) >= 1,
    again,
  };
}
"""

_END = """
() => {
  const missed = walkable.filter((el) => !walked.has(el) && el.isConnected);
  document.querySelector("#walk-begin").remove();
  document.querySelector("#walk-end").remove();
  axe.teardown();
  return missed.map((el) => el.outerHTML.slice(0, 120));
}
"""


@dataclass
class Walk:
    """What Tab came by: the names of its stops, and what was wrong."""

    stops: list[str] = field(default_factory=list)
    problems: list[str] = field(default_factory=list)


def axe_violations(page: Page, root: str = ".pl-root") -> list[str]:
    """What axe finds wrong in `root`, a CSS selector; each as one line."""
    _inject(page)
    found: list[str] = page.evaluate(_RUN, [root, _RULES, _NOT_OURS])
    return found


def keyboard_walk(page: Page, root: str = ".pl-root") -> Walk:
    """Press Tab from before `root`, a CSS selector, until it is behind it.

    Each stop has to be visible, to have a name and to show that it has the focus; all
    that can have the focus has to be met; and Tab has to come out again.
    """
    _inject(page)
    walk = Walk()
    most = 2 * page.evaluate(_BEGIN, root) + 20
    for _ in range(most):
        page.keyboard.press("Tab")
        stop: dict[str, Any] = page.evaluate(_STOP, root)
        if "left" in stop:
            if stop["left"] != "forward":
                walk.problems.append(f"Tab led away: {stop['left']}")
            break
        walk.stops.append(stop["name"])
        wanted = {
            "has no name": stop["name"] or not stop["control"],
            "is not visible": stop["visible"],
            "shows no focus": stop["ring"],
            "was met twice": not stop["again"],
        }
        walk.problems += [
            f"{stop['what']} {wrong}" for wrong, fine in wanted.items() if not fine
        ]
    else:
        walk.problems.append("Tab does not come out")
    walk.problems += [f"{what} was not reached" for what in page.evaluate(_END)]
    return walk


def _inject(page: Page) -> None:
    if not page.evaluate("'axe' in window"):
        page.add_script_tag(path=AXE)
