// The label and the Copy button of a block of code.

/** Milliseconds for which a button says what came of it. */
const SAID = 2000;

const COPY_KEYS = () =>
  /mac|iphone|ipad/i.test(navigator.platform) ? "Press ⌘C" : "Press Ctrl+C";

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

/** Gives a `.pl-code` its label and its button, once. */
export function dressCode(block: HTMLElement): void {
  const code = block.querySelector("code");
  if (!code || block.querySelector(".pl-code-bar")) return;
  const label = code.dataset.lang ?? "";
  const bar = document.createElement("div");
  bar.className = "pl-code-bar";
  const name = document.createElement("span");
  name.className = "pl-code-lang";
  name.textContent = label;
  const button = document.createElement("button");
  button.type = "button";
  button.className = "pl-copy";
  button.textContent = "Copy";
  button.ariaLabel = label ? `Copy ${label} code` : "Copy code";
  const said = document.createElement("span");
  said.className = "pl-hidden";
  said.role = "status";
  let timer: ReturnType<typeof setTimeout> | undefined;
  button.addEventListener("click", async () => {
    const outcome = await copy(code);
    button.textContent = outcome;
    said.textContent = outcome;
    button.classList.add("pl-said");
    clearTimeout(timer);
    timer = setTimeout(() => {
      button.textContent = "Copy";
      said.textContent = "";
      button.classList.remove("pl-said");
    }, SAID);
  });
  bar.append(name, button, said);
  block.prepend(bar);
}
