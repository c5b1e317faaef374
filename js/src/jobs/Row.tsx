import { useMemo } from "preact/hooks";
import { Bar, IconButton } from "../kit";
import { duration, fraction, progressLine } from "../ui/amounts";
import { elapsed, isRunning, type Job } from "./reducer";

interface Props {
  job: Job;
  now: number;
  /** The kernel does not get this page's messages. */
  deaf: boolean;
  cancel: (id: string) => void;
}

const SAID: Record<Job["state"], string> = {
  running: "Running",
  done: "Done",
  failed: "Failed",
  cancelled: "Cancelled",
};

/** The job's progress, if it reports any. */
function Far({ title, progress }: Pick<Job, "title" | "progress">) {
  if (!progress) return null;
  const line = progressLine(progress);
  return (
    <>
      <Bar
        label={`${title}: ${progress.phase}`}
        part={fraction(progress)}
        text={line}
      />
      <div class="pl-amounts">{[progress.phase, line].filter(Boolean).join(" · ")}</div>
    </>
  );
}

function Drawn({ job, now, deaf, cancel }: Props) {
  const { id, title, state, notice, error, cancelling } = job;
  const seconds = elapsed(job, now);
  return (
    <li class={`pl-job pl-job-${state}`}>
      <div class="pl-job-line">
        <span class="pl-job-title" title={title}>
          {title}
        </span>
        <span class="pl-job-facts pl-quiet">
          <span class="pl-job-state">{cancelling ? "Cancelling…" : SAID[state]}</span>
          <span>{seconds < 1 ? "< 1 s" : duration(seconds)}</span>
        </span>
        {isRunning(job) && !deaf && (
          <IconButton
            icon="close"
            label={`Cancel ${title}`}
            disabled={cancelling}
            onClick={() => cancel(id)}
          />
        )}
      </div>
      <Far {...job} />
      {notice && <div class="pl-notice">{notice}</div>}
      {error && (
        <div class="pl-job-error">
          {error.message} {error.hint && <span class="pl-quiet">{error.hint}</span>}
        </div>
      )}
    </li>
  );
}

/** One job, rendered again only if it has changed: there may be hundreds. */
export function Row(props: Props) {
  const { job, now, deaf } = props;
  return useMemo(() => <Drawn {...props} />, [job, now, deaf]);
}
