// The view of the memory.
import { signal as cell } from "@preact/signals-core";
import { kit } from "../kit";
import { mount } from "../ui/mount";
import { actions, type MemoryLink } from "./actions";
import { Memory } from "./Memory";
import { initial, type MemoryModel, reduce } from "./reducer";
import style from "./style.css";

/** All views of a model share one state. */
export function attach(
  link: MemoryLink,
): (el: HTMLElement, signal: AbortSignal) => void {
  const memory = cell<MemoryModel>(initial);
  const take = (fact: Parameters<typeof reduce>[1]) => {
    memory.value = reduce(memory.value, fact);
  };
  const can = actions(link, memory, take);
  link.listen(take);
  return (el, signal) =>
    mount(link, el, signal, [kit, ["memory", style]], () => (
      <Memory model={memory.value} can={can} />
    ));
}
