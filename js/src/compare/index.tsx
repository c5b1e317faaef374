// The view of a comparison.
import { signal as cell } from "@preact/signals-core";
import { kit } from "../kit";
import sent from "../message/sent.css";
import { mount } from "../ui/mount";
import { actions, type CompareLink } from "./actions";
import { Compare } from "./Compare";
import { type CompareModel, initial, reduce } from "./reducer";
import style from "./style.css";

/** All views of a model share one state. */
export function attach(
  link: CompareLink,
): (el: HTMLElement, signal: AbortSignal) => void {
  const compare = cell<CompareModel>(initial);
  link.listen((fact) => {
    compare.value = reduce(compare.value, fact);
  });
  const can = actions(link, compare);

  return (el, signal) =>
    mount(link, el, signal, [kit, ["compare", style + sent]], () => (
      <Compare compare={compare.value} actions={can} link={link} />
    ));
}
