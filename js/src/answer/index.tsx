// The view of one answer.
import { signal as cell } from "@preact/signals-core";
import type { Link } from "../connection";
import type { Fact } from "../event-order";
import { stopping } from "../stopping";
import { mount } from "../ui/mount";
import { Answer } from "./Answer";
import { type AnswerModel, initial, isOpen, reduce } from "./reducer";
import style from "./style.css";

/** One state for all views of a model; each view shows it. */
export function attach(link: Link): (el: HTMLElement, signal: AbortSignal) => void {
  const answer = cell<AnswerModel>(initial);
  const take = (fact: Fact) => {
    answer.value = reduce(answer.value, fact);
  };
  link.listen(take);

  const may = () =>
    isOpen(answer.value) &&
    answer.value.stop !== "asked" &&
    answer.value.heard === true;
  const stop = stopping(link, may, take);

  return (el, signal) =>
    mount(el, signal, [["answer", style]], () => (
      <Answer answer={answer.value} onStop={stop} link={link} />
    ));
}
