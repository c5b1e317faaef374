// The form of the settings.
import { signal as cell } from "@preact/signals-core";
import type { Link } from "../connection";
import { kit } from "../kit";
import type { SettingsFact, SettingsRequests } from "../protocol";
import { mount } from "../ui/mount";
import { actions } from "./actions";
import { initial, reduce, type SettingsModel } from "./reducer";
import { Settings } from "./Settings";
import style from "./style.css";

export function attach(
  link: Link<SettingsRequests, SettingsFact>,
): (el: HTMLElement, signal: AbortSignal) => void {
  const settings = cell<SettingsModel>(initial);
  const take = (fact: Parameters<typeof reduce>[1]) => {
    settings.value = reduce(settings.value, fact);
  };
  link.listen(take);
  const can = {
    ...actions(link.request, take),
    listModels() {
      link
        .request("models")
        .then(({ result }) => take({ event: "groups", data: result }))
        // The model can be typed all the same.
        .catch(() => {});
    },
  };

  return (el, signal) =>
    mount(link, el, signal, [kit, ["settings", style]], () => (
      <Settings {...settings.value} {...can} />
    ));
}
