// The view of one job under way.
import { signal as cell } from "@preact/signals-core";
import type { Link } from "../connection";
import { kit } from "../kit";
import type { ProgressFact, ProgressRequests } from "../protocol";
import { stopping } from "../stopping";
import { mount } from "../ui/mount";
import { JobProgress } from "./JobProgress";
import { initial, type ProgressModel, reduce } from "./reducer";
import style from "./style.css";

/** All views of a model share one state. */
export function attach(
  link: Link<ProgressRequests, ProgressFact>,
): (el: HTMLElement, signal: AbortSignal) => void {
  const job = cell<ProgressModel>(initial);
  const take = (fact: Parameters<typeof reduce>[1]) => {
    job.value = reduce(job.value, fact, performance.now());
  };
  link.listen(take);
  const stop = () => {
    const { state, stop, heard } = job.value;
    if (state !== "running" || stop === "asked" || !heard) return;
    stopping(
      () => link.request("stop"),
      (late) => take({ event: "stop", data: { late } }),
    );
  };
  return (el, signal) =>
    mount(link, el, signal, [kit, ["progress", style]], () => (
      <JobProgress job={job.value} onStop={stop} link={link} />
    ));
}
