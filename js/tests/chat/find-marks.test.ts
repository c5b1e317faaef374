import { describe, expect, it } from "vitest";
import { hitsIn, patternOf } from "../../src/chat/find-marks";

/** The texts that a query finds in a turn with this answer. */
function found(html: string, query: string): string[] {
  const item = document.createElement("div");
  item.innerHTML = `<div class="pl-text">${html}</div>`;
  const pattern = patternOf(query);
  return pattern ? hitsIn(item, pattern).map(String) : [];
}

describe("what is found", () => {
  it("has any case, and any white space between its words", () => {
    expect(found("<p>The\n  Fox, the fox</p>", " the FOX ")).toEqual([
      "The\n  Fox",
      "the fox",
    ]);
  });

  it("may run over marks within a paragraph, but not into the next one", () => {
    expect(found("<p>a <b>f</b>ox</p>", "a fox")).toEqual(["a fox"]);
    expect(found("<p>f</p><p>ox</p>", "fox")).toEqual([]);
  });

  it("is taken as it was typed, whatever that is", () => {
    for (const text of ["(", "[a-z]", "a|b", "\\d", "^$", "x*", "{2}", "/-/"])
      expect(found(`<p>y ${text} z</p>`, text)).toEqual([text]);
    expect(patternOf("  ")).toBeNull();
  });

  it("is not in the buttons of code", () => {
    const bar = '<div class="pl-code-bar"><button>Copy</button></div>';
    expect(found(`<div class="pl-code">${bar}<pre>copy()</pre></div>`, "copy")).toEqual(
      ["copy"],
    );
  });
});
