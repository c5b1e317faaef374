// The view of the providers: enabled or not, address, key, connection test.
import { signal as cell } from "@preact/signals-core";
import { shown } from "../bridge";
import type { Link } from "../connection";
import { kit } from "../kit";
import type { ProvidersFact, ProvidersRequests } from "../protocol";
import { actions } from "../settings/actions";
import settings from "../settings/style.css";
import { mount } from "../ui/mount";
import { Providers } from "./Providers";
import { initial, type ProvidersModel, reduce } from "./reducer";
import style from "./style.css";

export function attach(
  link: Link<ProvidersRequests, ProvidersFact>,
): (el: HTMLElement, signal: AbortSignal) => void {
  const providers = cell<ProvidersModel>(initial);
  const take = (fact: Parameters<typeof reduce>[1]) => {
    providers.value = reduce(providers.value, fact, Date.now() / 1000);
  };
  link.listen(take);

  const can = {
    link,
    ...actions(link.request, take),
    test(names: string[]) {
      take({ event: "asking", data: { names } });
      link
        .request("test", { providers: names })
        .then(({ result }) => take({ event: "asked", data: { names, ...result } }))
        .catch((error) =>
          take({ event: "unasked", data: { names, error: shown(error) } }),
        );
    },
  };

  const sheets = [kit, ["settings", settings], ["providers", style]] as const;
  return (el, signal) =>
    mount(link, el, signal, sheets, () => <Providers {...providers.value} {...can} />);
}
