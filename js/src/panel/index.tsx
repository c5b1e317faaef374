// The control panel: tabs whose contents are views of their own.
import { signal as cell, effect, untracked } from "@preact/signals-core";
import { onAbort, shown } from "../bridge";
import { child } from "../child-widget";
import type { Link } from "../connection";
import { kit } from "../kit";
import type { PanelFact, PanelRequests } from "../protocol";
import { mount } from "../ui/mount";
import { Panel } from "./Panel";
import { chosen, initial, type PanelModel, reduce } from "./reducer";
import style from "./style.css";

export function attach(
  link: Link<PanelRequests, PanelFact>,
): (el: HTMLElement, signal: AbortSignal) => void {
  const panel = cell<PanelModel>(initial);
  // The tab that the next view of this panel shows; kept while the page lives.
  let last: string | undefined;
  let showing = 0;
  // Without a view the kernel closes the tabs; later responses belong to an earlier
  // life.
  let life = 0;
  const views = new Set<(tab: string) => void>();

  const take = (fact: Parameters<typeof reduce>[1]) => {
    panel.value = reduce(panel.value, fact);
    if (fact.event === "tab") {
      last = fact.data.name;
      for (const choose of views) choose(last);
    }
  };
  link.listen(take);

  const failed = (tab: string, error: Error) =>
    take({ event: "failed", data: { tab, error: shown(error) } });
  const open = async (tab: string) => {
    const mine = life;
    take({ event: "opening", data: { tab } });
    try {
      const { result } = await link.request("open", { tab }, { repeat: true });
      if (mine === life) take({ event: "opened", data: { tab, ...result } });
    } catch (error) {
      if (mine === life) failed(tab, error as Error);
    }
  };

  return (el, signal) => {
    const current = cell(last);
    const choose = (tab: string) => {
      last = current.value = tab;
    };
    showing++;
    views.add(choose);
    const openFirst = effect(() => {
      const tab = chosen(panel.value, current.value);
      if (tab && !panel.value.opened[tab]) untracked(() => open(tab));
    });
    mount(link, el, signal, [kit, ["panel", style]], () => (
      <Panel
        panel={panel.value}
        current={chosen(panel.value, current.value)}
        onChoose={choose}
        onRetry={open}
        onLost={failed}
        mount={(id, el, signal) => child(link, id, el, signal)}
      />
    ));
    onAbort(signal, () => {
      openFirst();
      views.delete(choose);
      showing--;
      if (!showing) {
        life++;
        take({ event: "left" });
      }
    });
  };
}
