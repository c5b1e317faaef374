// The list of jobs.
import { signal as cell } from "@preact/signals-core";
import { onAbort, shown } from "../bridge";
import type { Link } from "../connection";
import { kit } from "../kit";
import type { JobsFact, JobsRequests } from "../protocol";
import { mount } from "../ui/mount";
import { Jobs } from "./Jobs";
import { initial, isRunning, type JobsModel, reduce } from "./reducer";
import style from "./style.css";

/** Milliseconds between two updates of the running jobs' times. */
const TICK = 1000;

export function attach(
  link: Link<JobsRequests, JobsFact>,
): (el: HTMLElement, signal: AbortSignal) => void {
  const jobs = cell<JobsModel>(initial);
  const take = (fact: Parameters<typeof reduce>[1]) => {
    jobs.value = reduce(jobs.value, fact, performance.now());
  };
  link.listen(take);

  const ask = (ids: string[], request: () => Promise<unknown>) => {
    take({ event: "asked", data: { ids } });
    request().catch((error) =>
      take({ event: "refused", data: { ids, problem: shown(error) } }),
    );
  };
  const actions = {
    cancel: (id: string) => ask([id], () => link.request("cancel", { job_id: id })),
    cancelAll: () => {
      const running = jobs.value.jobs.filter(isRunning);
      ask(
        running.map(({ id }) => id),
        () => link.request("cancel_all"),
      );
    },
    clear: () => ask([], () => link.request("clear")),
  };

  return (el, signal) => {
    const now = cell(performance.now());
    const timer = setInterval(() => {
      if (jobs.value.jobs.some(isRunning)) now.value = performance.now();
    }, TICK);
    onAbort(signal, () => clearInterval(timer));
    mount(link, el, signal, [kit, ["jobs", style]], () => (
      <Jobs {...jobs.value} now={now.value} {...actions} />
    ));
  };
}
