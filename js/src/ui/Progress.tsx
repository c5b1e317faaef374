import type { LayerData, ProgressData } from "../protocol";
import { bytes, fraction, progressLine } from "./amounts";
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

/** Files of a transfer that are listed, at most. */
const LISTED = 6;

/** The files to list: those that move, then those that wait, then what has come. */
export function listed(layers: readonly LayerData[]): [LayerData[], LayerData[]] {
  const rank = ({ done, total }: LayerData) => (done >= total ? 2 : done > 0 ? 0 : 1);
  const sorted = [...layers].sort((a, b) => rank(a) - rank(b) || b.total - a.total);
  return [sorted.slice(0, LISTED), sorted.slice(LISTED)];
}

/** The files of a transfer that has several. */
export function Layers({
  layers,
}: {
  layers: readonly LayerData[] | null | undefined;
}) {
  if (!layers || layers.length < 2) return null;
  const [shown, rest] = listed(layers);
  const come = rest.filter(({ done, total }) => done >= total).length;
  return (
    <ul class="pl-layers" aria-label="Files">
      {shown.map(({ name, done, total }) => {
        const part = total ? Math.min(1, done / total) : 1;
        return (
          <li key={name}>
            <span class="pl-layer-name">{name}</span>
            <span class="pl-layer-bar" aria-hidden="true">
              <span style={{ width: `${part * 100}%` }} />
            </span>
            <span class="pl-layer-amount">
              {part < 1 && done > 0 && `${bytes(done)} of `}
              {bytes(total)}
            </span>
            <span class="pl-layer-part">
              {part < 1 ? `${Math.floor(part * 100)}%` : "done"}
            </span>
          </li>
        );
      })}
      {rest.length > 0 && (
        <li class="pl-layers-rest">
          and {rest.length} more{come > 0 && `, ${come} of them done`}
        </li>
      )}
    </ul>
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
      <Layers layers={progress?.layers} />
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
