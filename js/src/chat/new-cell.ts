// A block of code as the text of a new cell, below the one that shows the chat.
import type { Link } from "../connection";
import { documentOf, type Notebook, viewsIn } from "../notebook";

type Shown = Pick<Link, "model">;

const PYTHON = new Set(["", "py", "py3", "python", "python3", "ipython", "ipython3"]);
const SHELL = new Set(["bash", "sh", "shell", "zsh"]);

/**
 * What a cell that runs this code has as its text; undefined where the kernel, which is
 * Python's, has nothing that runs it.
 */
export function cellText(code: string, language: string): string | undefined {
  const text = code.replace(/\s+$/, "");
  const name = language.toLowerCase();
  if (!text) return undefined;
  if (PYTHON.has(name)) return text;
  return SHELL.has(name) ? `%%bash\n${text}` : undefined;
}

/** The number of the cell that shows the view; undefined where none does. */
function cellOf(link: Shown, notebook: Notebook, el: Element): number | undefined {
  const id = link.model.get("output_id");
  for (const view of viewsIn(notebook)) if (view.id === id) return view.cell;
  // A view within a view, as in the panel: by the cell that it is in.
  const cell = el.closest<HTMLElement>(
    ".jp-Notebook .jp-Cell[data-windowed-list-index]",
  );
  const at = Number(cell?.dataset.windowedListIndex ?? Number.NaN);
  return Number.isNaN(at) ? undefined : at;
}

/** Whether new cells can be put into the notebook that shows the view. */
export function canInsert(link: Shown): boolean {
  const notebook = documentOf(link)?.model;
  return Boolean(notebook?.sharedModel?.insertCell && !notebook.readOnly);
}

/** Inserts a cell with this text, which is not run. Says whether it could. */
export function insertCell(link: Shown, el: Element, source: string): boolean {
  const notebook = documentOf(link)?.model;
  const at = notebook && cellOf(link, notebook, el);
  const shared = notebook?.sharedModel;
  if (at === undefined || !shared?.insertCell || !canInsert(link)) return false;
  const cell = { cell_type: "code", source, metadata: {} };
  const insert = () => shared.insertCell?.(at + 1, cell);
  // One step for undo.
  if (shared.transact) shared.transact(insert);
  else insert();
  return true;
}
