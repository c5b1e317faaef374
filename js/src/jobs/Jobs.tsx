import { Banner } from "../ui/Banner";
import { Button } from "../ui/Button";
import { Row } from "./Row";
import { isRunning, type Job, type JobsModel } from "./reducer";

interface Props extends JobsModel {
  now: number;
  cancel: (id: string) => void;
  cancelAll: () => void;
  clear: () => void;
}

interface GroupProps extends Pick<Props, "now" | "heard" | "cancel"> {
  title: string;
  jobs: Job[];
}

function Group({ title, jobs, now, heard, cancel }: GroupProps) {
  if (!jobs.length) return null;
  return (
    <section aria-label={title}>
      <h3 class="pl-jobs-title">{title}</h3>
      <ul class="pl-jobs-list">
        {jobs.map((job) => (
          <Row
            key={job.id}
            job={job}
            // Of those that have ended the time stands: they are not drawn again.
            now={isRunning(job) ? now : 0}
            deaf={heard === false}
            cancel={cancel}
          />
        ))}
      </ul>
    </section>
  );
}

function counted(running: number, ended: number): string {
  const parts = [running && `${running} running`, ended && `${ended} finished`];
  return parts.filter(Boolean).join(", ") || "No jobs";
}

export function Jobs({
  jobs,
  ready,
  heard,
  problem,
  now,
  cancel,
  cancelAll,
  clear,
}: Props) {
  const running = jobs.filter(isRunning);
  const ended = jobs.filter((job) => !isRunning(job));
  return (
    <section class="pl-jobs" aria-label="Jobs">
      <div class="pl-jobs-head">
        <span class="pl-quiet" role="status">
          {ready ? counted(running.length, ended.length) : "Asking the kernel…"}
        </span>
        <span class="pl-jobs-actions">
          {running.length > 1 && heard !== false && (
            <Button onClick={cancelAll}>Cancel all</Button>
          )}
          {ended.length > 0 && (
            <Button kind="quiet" onClick={clear}>
              Clear finished
            </Button>
          )}
        </span>
      </div>
      {problem && <Banner message={problem.message} hint={problem.hint} />}
      {ready && !jobs.length && (
        <p class="pl-jobs-empty">
          What takes a while is listed here: answers, downloads, imports. It can be
          stopped here too.
        </p>
      )}
      <Group title="Running" jobs={running} now={now} heard={heard} cancel={cancel} />
      <Group title="Finished" jobs={ended} now={now} heard={heard} cancel={cancel} />
    </section>
  );
}
