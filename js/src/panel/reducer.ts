// Which tabs a panel has and what became of those that were opened.
import type { Fact } from "../event-order";
import type { Failure, TabData } from "../protocol";

/** A tab that was opened: on its way, there by its model's id, or failed. */
export type Opened =
  | { state: "opening" }
  | { state: "open"; id: string }
  | { state: "failed"; error: Failure };

export interface PanelModel {
  /** The panel's own model, and what stands for it where there is no kernel. */
  id: string;
  text: string;
  tabs: TabData[];
  opened: Readonly<Record<string, Opened>>;
  /** Whether the kernel hears this page; null until it is known. */
  heard: boolean | null;
}

export const initial: PanelModel = {
  id: "",
  text: "",
  tabs: [],
  opened: {},
  heard: null,
};

/** The tab to show: the one that was chosen while there is such a tab. */
export const chosen = ({ tabs }: PanelModel, name: string | undefined) =>
  tabs.find((tab) => tab.name === name)?.name ?? tabs[0]?.name;

export function reduce(now: PanelModel, { event, data }: Fact): PanelModel {
  const as = (opened: Opened) => ({
    ...now,
    opened: { ...now.opened, [String(data.tab)]: opened },
  });
  switch (event) {
    case "snapshot":
      return {
        ...now,
        id: String(data.model_id),
        text: String(data.text),
        tabs: data.tabs as TabData[],
      };
    case "reach":
      return { ...now, heard: data.heard === true };
    case "opening":
      return as({ state: "opening" });
    case "opened":
      return as({ state: "open", id: String(data.model_id) });
    case "failed":
      return as({ state: "failed", error: data.error as Failure });
    case "left":
      // With its last view gone, the kernel lets the tabs go.
      return { ...now, opened: {} };
    default:
      return now;
  }
}
