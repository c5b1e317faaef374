// The form of the settings.
import { signal as cell } from "@preact/signals-core";
import type { RemoteFailure } from "../bridge";
import type { Link } from "../connection";
import { kit } from "../kit";
import { mount } from "../ui/mount";
import { initial, reduce, type SettingsModel, type Value } from "./reducer";
import { Settings } from "./Settings";
import style from "./style.css";

export function attach(link: Link): (el: HTMLElement, signal: AbortSignal) => void {
  const settings = cell<SettingsModel>(initial);
  const take = (event: string, data: Record<string, unknown>) => {
    settings.value = reduce(settings.value, { event, data });
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
        const { code, message, hint } = error as RemoteFailure;
        take("refused", { key, error: { code, message, hint } });
        return false;
      }
    },
    /** Whatever was refused is no longer what the field holds. */
    forgive: (key: string) => take("kept", { key }),
  };

  return (el, signal) =>
    mount(el, signal, [kit, ["settings", style]], () => (
      <Settings {...settings.value} {...actions} />
    ));
}
