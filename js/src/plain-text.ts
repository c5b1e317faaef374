// What is shown until the view's bundle has arrived, or if it cannot.
import type { Link } from "./connection";
import type { AnswerFact, AnswerSnapshot, ViewRequests } from "./protocol";

/**
 * Shows an answer as plain text in `el`, until `signal` ends it. Of other views it shows
 * what they have in common with an answer.
 */
export function showPlain(
  el: HTMLElement,
  link: Link,
  signal: AbortSignal,
): (problem: string) => void {
  const add = (css: string) => {
    const box = document.createElement("div");
    box.style.cssText = `overflow-wrap:anywhere;line-height:1.6;${css}`;
    el.append(box);
    return box;
  };
  const text = add("white-space:pre-wrap;font-size:var(--jp-content-font-size1,14px)");
  const line = add("opacity:.7");
  line.role = "status";

  let now: Partial<AnswerSnapshot> = {};
  let deaf: boolean | undefined;
  const show = (more: Partial<AnswerSnapshot>) => {
    now = { ...now, ...more };
    const { state = "waiting", model, notice, progress, footer, error } = now;
    const open = /ing$/.test(state); // waiting, streaming, running
    const waits = notice || progress?.phase || `Waiting for ${model || "the kernel"}`;
    const said = open
      ? [text.firstChild ? "" : `${waits}…`, deaf && "Interrupt the kernel to stop."]
      : [error?.message, error?.hint, footer];
    line.textContent = said.filter(Boolean).join(" ");
  };
  const heard = link as Link<ViewRequests, AnswerFact>;
  heard.listen(({ event, data }) => {
    if (event === "snapshot") {
      now = {};
      text.textContent = data.text ?? "";
    }
    if (event === "delta") {
      if (data.kind === "text") text.append(data.text);
      show({});
    } else if (event === "reach") {
      deaf = !data.heard;
      show({});
    } else if (event === "notice") show({ notice: data.text });
    else if (event === "progress") show({ progress: data });
    else if (event !== "lock") show(data);
  }, signal);
  show({});
  return (message) => show({ state: "failed", error: { code: "", message } });
}
