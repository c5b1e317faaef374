import type { ChatTab, ChatTabs } from "../protocol";

/** What is being written in the place of texts, by tab. */
export class Edits {
  #tabs = new Map<string, Map<string, string>>();

  /** Those of a tab, by what they are to replace. */
  of(tab: string): Map<string, string> {
    const texts = this.#tabs.get(tab) ?? new Map<string, string>();
    this.#tabs.set(tab, texts);
    return texts;
  }

  /** Forgets what belongs to tabs that are closed, or locked. */
  keep({ tabs }: ChatTabs): void {
    const open = ({ locked }: ChatTab) => !locked;
    const ids = new Set(tabs.filter(open).map(({ id }) => id));
    for (const tab of this.#tabs.keys()) if (!ids.has(tab)) this.#tabs.delete(tab);
  }

  clear(): void {
    this.#tabs.clear();
  }
}
