// The view of one job under way.
import { signal as cell } from "@preact/signals-core";
import type { Link } from "../connection";
import type { Fact } from "../event-order";
import { kit } from "../kit";
import { stopping } from "../stopping";
import { mount } from "../ui/mount";
import { JobProgress } from "./JobProgress";
import { initial, type ProgressModel, reduce } from "./reducer";
import style from "./style.css";

/** One state for all views of a model; each view shows it. */
export function attach(link: Link): (el: HTMLElement, signal: AbortSignal) => void {
  const job = cell<ProgressModel>(initial);
  const take = (fact: Fact) => {
    job.value = reduce(job.value, fact, performance.now());
  };
  link.listen(take);
  const may = () => {
    const { state, stop, heard } = job.value;
    return state === "running" && stop !== "asked" && heard === true;
  };
  const stop = stopping(link, may, take);
  return (el, signal) =>
    mount(el, signal, [kit, ["progress", style]], () => (
      <JobProgress job={job.value} onStop={stop} link={link} />
    ));
}
