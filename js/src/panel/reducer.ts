// Which tabs a panel has, and the state of those that were opened.
import type { Reach } from "../connection";
import type { Failure, Opened as OpenedData, PanelFact, TabData } from "../protocol";

/** The state of an opened tab; `id` is that of its view's model. */
export type Opened =
  | { state: "opening" }
  | { state: "open"; id: string }
  | { state: "failed"; error: Failure };

export interface PanelModel {
  tabs: TabData[];
  opened: Readonly<Record<string, Opened>>;
  /** Whether the kernel gets this page's messages; null while it is not known. */
  heard: boolean | null;
}

export const initial: PanelModel = {
  tabs: [],
  opened: {},
  heard: null,
};

/** The tab to show: the chosen one if it exists, else the first. */
export const chosen = ({ tabs }: PanelModel, name: string | undefined) =>
  tabs.find((tab) => tab.name === name)?.name ?? tabs[0]?.name;

/** Opening a tab and its outcome; `left`: no page shows the panel any more. */
export type PanelAct =
  | { event: "opening"; data: { tab: string } }
  | { event: "opened"; data: { tab: string } & OpenedData }
  | { event: "failed"; data: { tab: string; error: Failure } }
  | { event: "left" };

export function reduce(
  now: PanelModel,
  fact: PanelFact | Reach | PanelAct,
): PanelModel {
  const as = (tab: string, opened: Opened) => ({
    ...now,
    opened: { ...now.opened, [tab]: opened },
  });
  switch (fact.event) {
    case "snapshot":
      return { ...now, tabs: fact.data.tabs };
    case "reach":
      return { ...now, heard: fact.data.heard };
    case "opening":
      return as(fact.data.tab, { state: "opening" });
    case "opened":
      return as(fact.data.tab, { state: "open", id: fact.data.model_id });
    case "failed":
      return as(fact.data.tab, { state: "failed", error: fact.data.error });
    case "left":
      // Without a view of the panel the kernel closes the tabs.
      return { ...now, opened: {} };
    default:
      return now;
  }
}
