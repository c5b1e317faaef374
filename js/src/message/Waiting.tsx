import { useEffect, useState } from "preact/hooks";
import type { ProgressData } from "../protocol";
import { fraction, progressLine } from "../ui/amounts";

interface Props {
  model: string;
  notice: string;
  progress?: ProgressData | null | undefined;
}

/** Seconds after which the waiting time is shown, as a sign of life. */
const LONG = 3;

/** What happens before the first word of an answer. */
export function Waiting({ model, notice, progress }: Props) {
  const part = progress ? fraction(progress) : null;
  const phase = progress?.phase || (model ? `Waiting for ${model}` : "Waiting");
  const line = progress ? progressLine(progress) : "";
  const [seconds, setSeconds] = useState(0);
  useEffect(() => {
    const timer = setInterval(() => setSeconds((now) => now + 1), 1000);
    return () => clearInterval(timer);
  }, []);
  return (
    <div class="pl-waiting">
      <div class="pl-waiting-line">
        <span class="pl-dots" aria-hidden="true">
          <i />
          <i />
          <i />
        </span>
        <span class="pl-phase">
          {phase}
          {seconds >= LONG && ` · ${seconds} s`}
        </span>
      </div>
      {progress && (
        <div
          class={part === null ? "pl-bar pl-bar-unknown" : "pl-bar"}
          role="progressbar"
          tabIndex={-1}
          aria-label={phase}
          aria-valuemin={0}
          aria-valuemax={100}
          {...(part === null ? {} : { "aria-valuenow": Math.round(part * 100) })}
          aria-valuetext={line}
        >
          <div style={part === null ? {} : { width: `${part * 100}%` }} />
        </div>
      )}
      {line && <div class="pl-amounts">{line}</div>}
      {notice && <div class="pl-notice">{notice}</div>}
    </div>
  );
}
