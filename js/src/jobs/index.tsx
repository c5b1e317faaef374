// The list of jobs.
import { signal as cell } from "@preact/signals-core";
import { onAbort, type RemoteFailure } from "../bridge";
import type { Link } from "../connection";
import { kit } from "../kit";
import { mount } from "../ui/mount";
import { Jobs } from "./Jobs";
import { initial, isRunning, type JobsModel, reduce } from "./reducer";
import style from "./style.css";

/** Milliseconds between two looks at the time of what runs. */
const TICK = 1000;

export function attach(link: Link): (el: HTMLElement, signal: AbortSignal) => void {
  const jobs = cell<JobsModel>(initial);
  const take = (event: string, data: Record<string, unknown>) => {
    jobs.value = reduce(jobs.value, { event, data }, performance.now());
  };
  link.listen(({ event, data }) => take(event, data));

  const ask = async (
    method: string,
    ids: string[] = [],
    params: Record<string, unknown> = {},
  ) => {
    take("asked", { ids });
    try {
      await link.request(method, params);
    } catch (error) {
      const { code, message, hint } = error as RemoteFailure;
      take("refused", { ids, problem: { code, message, hint } });
    }
  };
  const actions = {
    cancel: (id: string) => ask("cancel", [id], { job_id: id }),
    cancelAll: () =>
      ask(
        "cancel_all",
        jobs.value.jobs.filter(isRunning).map(({ id }) => id),
      ),
    clear: () => ask("clear"),
  };

  return (el, signal) => {
    const now = cell(performance.now());
    const timer = setInterval(() => {
      if (jobs.value.jobs.some(isRunning)) now.value = performance.now();
    }, TICK);
    onAbort(signal, () => clearInterval(timer));
    mount(el, signal, [kit, ["jobs", style]], () => (
      <Jobs {...jobs.value} now={now.value} {...actions} />
    ));
  };
}
