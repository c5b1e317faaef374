// The providers: on or off, where they are, whose key they have, whether they work.
import { signal as cell } from "@preact/signals-core";
import type { RemoteFailure } from "../bridge";
import type { Link } from "../connection";
import { kit } from "../kit";
import type { Value } from "../settings/reducer";
import settings from "../settings/style.css";
import { mount } from "../ui/mount";
import { Providers } from "./Providers";
import { initial, type ProvidersModel, reduce } from "./reducer";
import style from "./style.css";

const told = (error: unknown) => {
  const { code, message, hint } = error as RemoteFailure;
  return { code, message, hint };
};

export function attach(link: Link): (el: HTMLElement, signal: AbortSignal) => void {
  const providers = cell<ProvidersModel>(initial);
  const take = (event: string, data: Record<string, unknown>) => {
    providers.value = reduce(providers.value, { event, data }, Date.now() / 1000);
  };
  link.listen(({ event, data }) => take(event, data));

  const actions = {
    /** Gives whether the kernel has taken it. */
    async set(key: string, value: Value): Promise<boolean> {
      try {
        const { result } = await link.request("set", { key, value });
        take("kept", { key, value: result.value ?? null });
        return true;
      } catch (error) {
        take("refused", { key, error: told(error) });
        return false;
      }
    },
    /** Whatever was refused is no longer what the field holds. */
    forgive: (key: string) => take("kept", { key }),
    async test(names: readonly string[]): Promise<void> {
      take("asking", { names });
      try {
        const { result } = await link.request("test", { providers: names });
        take("asked", { names, seconds: result.seconds });
      } catch (error) {
        take("unasked", { names, error: told(error) });
      }
    },
  };

  const sheets = [kit, ["settings", settings], ["providers", style]] as const;
  return (el, signal) =>
    mount(el, signal, sheets, () => <Providers {...providers.value} {...actions} />);
}
