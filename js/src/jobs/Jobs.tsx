import { Button, Empty, Problem } from "../kit";
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
            // The time of an ended job does not change, so it is not rendered again.
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
  return parts.filter(Boolean).join(", ");
}

export function Jobs(props: Props) {
  const { jobs, ready, heard, problem, now, cancel, cancelAll, clear } = props;
  const running = jobs.filter(isRunning);
  const ended = jobs.filter((job) => !isRunning(job));
  return (
    <section class="pl-view pl-jobs" aria-label="Jobs">
      <div class="pl-jobs-head">
        <span class="pl-quiet" role="status">
          {ready ? counted(running.length, ended.length) : "Asking the kernel…"}
        </span>
        {running.length > 1 && heard !== false && (
          <Button
            size="small"
            label="Cancel all"
            busy={running.every((job) => job.cancelling)}
            onClick={cancelAll}
          />
        )}
        {ended.length > 0 && (
          <Button size="small" kind="quiet" label="Clear finished" onClick={clear} />
        )}
      </div>
      {problem && <Problem error={problem} />}
      {heard === false && running.length > 0 && (
        <div class="pl-notice">
          Jobs cannot be cancelled here while a cell runs: interrupt the kernel.
        </div>
      )}
      {ready && !jobs.length && (
        <Empty icon="clock" title="No jobs">
          Answers, downloads and imports are listed here, and can be cancelled.
        </Empty>
      )}
      <Group title="Running" jobs={running} now={now} heard={heard} cancel={cancel} />
      <Group title="Finished" jobs={ended} now={now} heard={heard} cancel={cancel} />
    </section>
  );
}
