// The view of one answer.
import { signal as cell, effect } from "@preact/signals-core";
import { render } from "preact";
import type { Fact } from "../feed";
import type { Link } from "../link";
import type { Typesetter } from "../markdown/formulas";
import markdown from "../markdown/style.css";
import { rootIn } from "../ui/root";
import { Answer } from "./Answer";
import { type AnswerModel, initial, isOpen, reduce } from "./reducer";
import style from "./style.css";

/** Milliseconds after which Stop is said not to have been heard. */
const STOP_PATIENCE = 2500;

/** One state for all views of a model; each view shows it. */
export function attach(link: Link): (el: HTMLElement, signal: AbortSignal) => void {
  const answer = cell<AnswerModel>(initial);
  const take = (fact: Fact) => {
    answer.value = reduce(answer.value, fact);
  };
  link.listen(take);

  const stop = () => {
    if (!isOpen(answer.value) || answer.value.stop === "asked" || !answer.value.heard)
      return;
    take({ event: "stop", data: {} });
    const late = () => take({ event: "stop", data: { late: true } });
    setTimeout(late, STOP_PATIENCE);
    link.request("stop").catch(late);
  };
  const loadKatex = () => link.asset("katex", __KATEX_HASH__) as Promise<Typesetter>;

  return (el, signal) => {
    const root = rootIn(el, "answer", markdown + style);
    const end = effect(() =>
      render(
        <Answer answer={answer.value} onStop={stop} loadKatex={loadKatex} />,
        root,
      ),
    );
    signal.addEventListener("abort", () => {
      end();
      render(null, root);
    });
  };
}
