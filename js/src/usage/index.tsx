// The view of the ledger: what was sent, where to, what it cost; and the budget.
import { signal as cell } from "@preact/signals-core";
import { shown } from "../bridge";
import type { Link } from "../connection";
import { kit } from "../kit";
import type { UsageFact, UsageParams, UsageRequests } from "../protocol";
import { actions } from "../settings/actions";
import settings from "../settings/style.css";
import { download } from "../ui/download";
import { mount } from "../ui/mount";
import { initial, reduce, type UsageModel } from "./reducer";
import style from "./style.css";
import { Usage } from "./Usage";

export function attach(
  link: Link<UsageRequests, UsageFact>,
): (el: HTMLElement, signal: AbortSignal) => void {
  const usage = cell<UsageModel>(initial);
  const failed = (asked?: UsageParams) => (error: Error) =>
    take({ event: "failed", data: { error: shown(error), ...(asked && { asked }) } });
  const ask = (asked: Required<UsageParams>) => {
    take({ event: "asking", data: asked });
    link
      .request("usage", asked)
      .then(({ result }) => take({ event: "summed", data: { asked, usage: result } }))
      .catch(failed(asked));
  };
  const take = (fact: Parameters<typeof reduce>[1]) => {
    usage.value = reduce(usage.value, fact);
    // What the month costs has changed, so the sums have.
    if (fact.event === "snapshot" || fact.event === "budget") ask(usage.value.asked);
  };
  link.listen(take);

  const can = {
    ...actions(link.request, take),
    ask,
    save() {
      link
        .request("csv", usage.value.asked)
        .then(({ result, buffers: [content] }) => {
          if (content) download(result.file_name, content);
        })
        .catch(failed());
    },
  };

  const sheets = [kit, ["settings", settings], ["usage", style]] as const;
  return (el, signal) =>
    mount(link, el, signal, sheets, () => <Usage {...usage.value} {...can} />);
}
