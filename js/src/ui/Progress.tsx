import type { ProgressData } from "../protocol";
import { fraction, progressLine } from "./amounts";
import { Button } from "./Button";

/** The bar alone. `part` is from 0 to 1; null shows that work goes on. */
export function Bar({
  label,
  part,
  text,
}: {
  label: string;
  part: number | null;
  text?: string;
}) {
  return (
    <div
      class={part === null ? "pl-bar pl-bar-unknown" : "pl-bar"}
      role="progressbar"
      aria-label={label}
      aria-valuemin={0}
      aria-valuemax={100}
      {...(part === null ? {} : { "aria-valuenow": Math.round(part * 100) })}
      aria-valuetext={text || undefined}
    >
      <div style={part === null ? {} : { width: `${part * 100}%` }} />
    </div>
  );
}

interface Props {
  /** What is being done; the phase of `progress` is shown beside it. */
  label: string;
  progress: ProgressData | null;
  /** Shown beside the amounts: elapsed time, a notice. */
  note?: string;
  onCancel?: () => void;
  cancelling?: boolean;
}

/** Progress of long work: phase, bar, amounts, rate, time left, and Stop. */
export function Progress({ label, progress, note, onCancel, cancelling }: Props) {
  const part = progress ? fraction(progress) : null;
  const line = [progress ? progressLine(progress) : "", note].filter(Boolean);
  const phase = progress?.phase;
  return (
    <div class="pl-progress">
      <div class="pl-progress-head">
        <span class="pl-progress-label">
          {label}
          {phase && phase !== label && <span class="pl-progress-phase"> {phase}</span>}
        </span>
        {part !== null && (
          <span class="pl-progress-percent">{Math.floor(part * 100)}%</span>
        )}
      </div>
      <Bar label={phase || label} part={part} text={line.join(", ")} />
      <div class="pl-progress-foot">
        <span class="pl-amounts">{line.join(" · ")}</span>
        {onCancel && (
          <Button
            size="small"
            icon="stop"
            label={cancelling ? "Stopping…" : "Stop"}
            disabled={cancelling ?? false}
            title={`Stop: ${label}`}
            onClick={onCancel}
          />
        )}
      </div>
    </div>
  );
}
