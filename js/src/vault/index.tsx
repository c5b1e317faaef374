// The view of the vault: locked and unlocked, its secrets, its password.
import { signal as cell } from "@preact/signals-core";
import { kit } from "../kit";
import { watchKernel } from "../models/kernel-life";
import { mount } from "../ui/mount";
import { Toaster } from "../ui/Toasts";
import { actions, type VaultLink } from "./actions";
import dialogs from "./dialogs.css";
import { initial, reduce, type VaultModel } from "./reducer";
import style from "./style.css";
import { Vault } from "./Vault";

/** All views of a model share one state; what is typed and revealed is a view's own. */
export function attach(
  link: VaultLink,
): (el: HTMLElement, signal: AbortSignal) => void {
  const vault = cell<VaultModel>(initial);
  const toaster = new Toaster();
  const take = (fact: Parameters<typeof reduce>[1]) => {
    vault.value = reduce(vault.value, fact, Date.now());
  };
  link.listen(take);
  // A kernel that answers is there after all.
  const onLost = () => {
    take({ event: "lost", data: { lost: true } });
    link
      .request("snapshot")
      .then(() => take({ event: "lost", data: { lost: false } }))
      .catch(() => {});
  };
  const sheets = [kit, ["vault", style + dialogs]] as const;
  return (el, signal) => {
    const can = actions(link, toaster, take, signal);
    watchKernel(link.model, onLost, signal);
    mount(link, el, signal, sheets, () => (
      <Vault model={vault.value} can={can} toasts={toaster.shown.value.length} />
    ));
  };
}
