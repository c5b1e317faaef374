import { useMemo } from "preact/hooks";
import { duration, fraction, progressLine } from "../answer/format";
import { Button } from "../ui/Button";
import { elapsed, isRunning, type Job } from "./reducer";

interface Props {
  job: Job;
  now: number;
  /** The kernel does not hear this page. */
  deaf: boolean;
  cancel: (id: string) => void;
}

const SAID: Record<Job["state"], string> = {
  running: "Running",
  done: "Done",
  failed: "Failed",
  cancelled: "Cancelled",
};

function Bar({ job }: { job: Job }) {
  const { progress } = job;
  if (!progress) return null;
  const part = fraction(progress);
  const line = progressLine(progress);
  return (
    <>
      <div
        class={part === null ? "pl-bar pl-bar-unknown" : "pl-bar"}
        role="progressbar"
        aria-label={`${job.title}: ${progress.phase}`}
        aria-valuemin={0}
        aria-valuemax={100}
        {...(part === null ? {} : { "aria-valuenow": Math.round(part * 100) })}
        aria-valuetext={line}
      >
        <div style={part === null ? {} : { width: `${part * 100}%` }} />
      </div>
      <div class="pl-amounts">{[progress.phase, line].filter(Boolean).join(" · ")}</div>
    </>
  );
}

function Drawn({ job, now, deaf, cancel }: Props) {
  const { id, title, state, notice, error, cancelling } = job;
  const seconds = elapsed(job, now);
  const time = seconds < 1 ? "< 1 s" : duration(seconds);
  return (
    <li class={`pl-job pl-job-${state}`}>
      <div class="pl-job-line">
        <span class="pl-job-title" title={title}>
          {title}
        </span>
        <span class="pl-job-facts pl-quiet">
          <span class="pl-job-state">{SAID[state]}</span>
          <span>{time}</span>
        </span>
        {isRunning(job) && !deaf && (
          <Button
            onClick={() => cancel(id)}
            disabled={cancelling}
            label={`${cancelling ? "Cancelling" : "Cancel"} ${title}`}
          >
            {cancelling ? "Cancelling…" : "Cancel"}
          </Button>
        )}
      </div>
      <Bar job={job} />
      {notice && <div class="pl-notice">{notice}</div>}
      {error && (
        <div class="pl-job-error">
          {error.message} {error.hint && <span class="pl-quiet">{error.hint}</span>}
        </div>
      )}
    </li>
  );
}

/** One job. Drawn again only when something of it has changed: there may be hundreds. */
export function Row(props: Props) {
  const { job, now, deaf } = props;
  return useMemo(() => <Drawn {...props} />, [job, now, deaf]);
}
