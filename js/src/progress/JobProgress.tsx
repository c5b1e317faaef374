import { useEffect, useState } from "preact/hooks";
import type { Assets } from "../connection";
import { Markdown } from "../markdown/Markdown";
import { duration } from "../ui/amounts";
import { Problem } from "../ui/Banner";
import { Icon } from "../ui/icons";
import { Progress } from "../ui/Progress";
import type { ProgressModel } from "./reducer";

interface Props {
  job: ProgressModel;
  onStop: () => void;
  link: Assets;
}

/** Seconds after which the elapsed time is shown, as a sign of life. */
const LONG = 3;

const SAID = {
  running: "Running",
  done: "Done",
  stopped: "Stopped",
  failed: "Failed",
} as const;

/** Seconds since the job began, updated each second. */
function useElapsed(begun: number, running: boolean): number {
  const [now, setNow] = useState(() => performance.now());
  useEffect(() => {
    if (!running) return;
    const timer = setInterval(() => setNow(performance.now()), 1000);
    return () => clearInterval(timer);
  }, [running]);
  return Math.floor((now - begun) / 1000);
}

/** The result, on one line. */
function Ended({ job, link }: Pick<Props, "job" | "link">) {
  const { state, text, title, seconds } = job;
  return (
    <div class="pl-ended">
      <Icon name={state === "done" ? "check" : "stop"} class={`pl-ended-${state}`} />
      {text ? <Markdown text={text} final link={link} /> : <span>{title}</span>}
      <span class="pl-quiet">
        {state === "stopped" ? "stopped after " : ""}
        {duration(seconds)}
      </span>
    </div>
  );
}

function Running({ job, onStop }: Pick<Props, "job" | "onStop">) {
  const { phases, progress, notices, heard, stop } = job;
  const elapsed = useElapsed(job.begun, true);
  const deaf = heard === false || stop === "late";
  // If the time left is known, the elapsed time is not needed.
  const note = progress?.eta == null && elapsed >= LONG ? duration(elapsed) : "";
  return (
    <>
      <Progress
        label={job.title || "Working"}
        progress={progress ?? null}
        note={note}
        cancelling={stop === "asked"}
        {...(deaf ? {} : { onCancel: onStop })}
      />
      {deaf && <div class="pl-quiet">Interrupt the kernel to stop.</div>}
      {phases.length > 0 && (
        <ul class="pl-phases pl-quiet" aria-label="Finished phases">
          {phases.map((phase) => (
            <li key={phase}>
              <Icon name="check" />
              {phase}
            </li>
          ))}
        </ul>
      )}
      {notices.map((text, index) => (
        <div key={index} class="pl-notice">
          {text}
        </div>
      ))}
    </>
  );
}

export function JobProgress({ job, onStop, link }: Props) {
  const { state, error } = job;
  const running = state === "running";
  const onKeyDown = (event: KeyboardEvent) => {
    if (event.key !== "Escape" || !running || !job.heard) return;
    event.preventDefault();
    event.stopPropagation();
    onStop();
  };
  return (
    <section
      class="pl-view pl-job"
      aria-label={job.title || "Progress"}
      aria-busy={running}
      onKeyDown={onKeyDown}
    >
      <span class="pl-hidden" role="status">
        {SAID[state]}
      </span>
      {running && <Running job={job} onStop={onStop} />}
      {!running && state === "failed" && error && <Problem error={error} />}
      {!running && !(state === "failed" && error) && <Ended {...{ job, link }} />}
    </section>
  );
}
