// The label and the buttons of a block of code.

/** Milliseconds for which a button says what came of it. */
const SAID = 2000;

const COPY_KEYS = () =>
  /mac|iphone|ipad/i.test(navigator.platform) ? "Press ⌘C" : "Press Ctrl+C";

/** Another button of a block of code. */
export interface CodeTool {
  label: string;
  /** Whether it is offered for code of a language, "" for one that is not named. */
  fits(language: string): boolean;
  /** Does it; returns what came of it. */
  use(code: HTMLElement, language: string): string;
}

/** Copies, and where the page may not, selects so that the user can. */
async function copy(code: HTMLElement): Promise<string> {
  try {
    // Absent on plain http; refused without the permission.
    await navigator.clipboard.writeText(code.textContent ?? "");
    return "Copied";
  } catch {
    getSelection()?.selectAllChildren(code);
    return COPY_KEYS();
  }
}

/** A button that says for a while what came of it, in `said` for screen readers. */
function button(
  text: string,
  name: string,
  said: HTMLElement,
  act: () => string | Promise<string>,
): HTMLButtonElement {
  const made = document.createElement("button");
  made.type = "button";
  made.className = "pl-copy";
  made.textContent = text;
  made.ariaLabel = name;
  let timer: ReturnType<typeof setTimeout> | undefined;
  made.addEventListener("click", async () => {
    const outcome = await act();
    made.textContent = outcome;
    said.textContent = outcome;
    made.classList.add("pl-said");
    clearTimeout(timer);
    timer = setTimeout(() => {
      made.textContent = text;
      said.textContent = "";
      made.classList.remove("pl-said");
    }, SAID);
  });
  return made;
}

/** Gives a `.pl-code` its label and its buttons, once. */
export function dressCode(block: HTMLElement, tool?: CodeTool): void {
  const code = block.querySelector("code");
  if (!code || block.querySelector(".pl-code-bar")) return;
  const label = code.dataset.lang ?? "";
  const words = label ? `${label} code` : "code";
  const bar = document.createElement("div");
  bar.className = "pl-code-bar";
  const name = document.createElement("span");
  name.className = "pl-code-lang";
  name.textContent = label;
  const said = document.createElement("span");
  said.className = "pl-hidden";
  said.role = "status";
  bar.append(name);
  if (tool?.fits(label)) {
    const use = () => tool.use(code, label);
    bar.append(button(tool.label, `${tool.label}: ${words}`, said, use));
  }
  bar.append(
    button("Copy", `Copy ${words}`, said, () => copy(code)),
    said,
  );
  block.prepend(bar);
}
