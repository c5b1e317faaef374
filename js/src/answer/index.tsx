// The view of one answer.
import { signal as cell } from "@preact/signals-core";
import type { Link } from "../connection";
import { isOpen } from "../message/answer";
import type { AnswerFact, AnswerRequests } from "../protocol";
import { removeError } from "../saved-output";
import { stopping } from "../stopping";
import { mount } from "../ui/mount";
import { Answer } from "./Answer";
import { type AnswerModel, initial, reduce } from "./reducer";
import style from "./style.css";

/** All views of a model share one state. */
export function attach(
  link: Link<AnswerRequests, AnswerFact>,
): (el: HTMLElement, signal: AbortSignal) => void {
  const answer = cell<AnswerModel>(initial);
  const take = (fact: Parameters<typeof reduce>[1]) => {
    answer.value = reduce(answer.value, fact);
  };
  link.listen(take);

  const stop = () => {
    const { stop, heard } = answer.value;
    if (!isOpen(answer.value) || stop === "asked" || !heard) return;
    stopping(
      () => link.request("stop"),
      (late) => take({ event: "stop", data: { late } }),
    );
  };

  const again = async () => {
    await link.request("again");
    removeError(link);
  };

  return (el, signal) =>
    mount(link, el, signal, [["answer", style]], () => (
      <Answer answer={answer.value} onStop={stop} onAgain={again} link={link} />
    ));
}
