// The view of the vault.
import type { Link } from "../connection";
import { kit } from "../kit";
import type { VaultFact, VaultRequests } from "../protocol";
import { mount } from "../ui/mount";

export function attach(
  link: Link<VaultRequests, VaultFact>,
): (el: HTMLElement, signal: AbortSignal) => void {
  return (el, signal) => mount(link, el, signal, [kit], () => null);
}
