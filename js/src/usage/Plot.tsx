import type { UsageRow } from "../protocol";
import { count, dollars } from "../ui/amounts";
import { costOf, day, plotWords, requests, tokens } from "./words";

export type What = "cost" | "tokens";

interface Props {
  times: readonly UsageRow[];
  what: What;
}

const HIGH = 100;
/** Units of the plot for each bar, and for the gap beside it. */
const WIDE = 8;
const GAP = 2;

/** A number that is easy to read, and not below `most`: 1, 2 or 5 times a power of 10. */
export function ceiling(most: number): number {
  if (!(most > 0)) return 1;
  const power = 10 ** Math.floor(Math.log10(most));
  const step = [1, 2, 5, 10].find((each) => each * power >= most * (1 - 1e-9)) ?? 10;
  return step * power;
}

/** What was sent on each day, or in each month, as bars. */
export function Plot({ times, what }: Props) {
  const value = (row: UsageRow) => (what === "cost" ? row.cost : tokens(row));
  const top = ceiling(Math.max(0, ...times.map(value)));
  const say = what === "cost" ? dollars : count;
  const [first, last] = [times[0], times.at(-1)];
  if (!first || !last) return null;
  const high = (amount: number) => (HIGH * amount) / top;
  return (
    <figure class="pl-usage-plot">
      <div class="pl-usage-scale" aria-hidden="true">
        <span>{say(top)}</span>
        <span>{say(top / 2)}</span>
        <span>0</span>
      </div>
      <svg
        class="pl-usage-bars"
        viewBox={`0 0 ${times.length * (WIDE + GAP)} ${HIGH}`}
        preserveAspectRatio="none"
        role="img"
        aria-label={plotWords(times, what)}
      >
        {[0, HIGH / 2].map((y) => (
          <line
            key={y}
            x1="0"
            x2={times.length * (WIDE + GAP)}
            y1={y}
            y2={y}
            class="pl-usage-line"
          />
        ))}
        {times.map((row, at) => {
          const x = at * (WIDE + GAP) + GAP / 2;
          const total = high(value(row));
          const input = what === "tokens" ? high(row.input_tokens) : 0;
          return (
            <g key={row.name} class="pl-usage-bar">
              <title>{`${day(row.name)}: ${costOf(row)}, ${count(row.input_tokens)} in, ${count(row.output_tokens)} out, ${requests(row.requests)}`}</title>
              <rect
                x={x - GAP / 2}
                y="0"
                width={WIDE + GAP}
                height={HIGH}
                class="pl-usage-hit"
              />
              <rect x={x} y={HIGH - total} width={WIDE} height={total} />
              {input > 0 && (
                <rect
                  x={x}
                  y={HIGH - input}
                  width={WIDE}
                  height={input}
                  class="pl-usage-input"
                />
              )}
            </g>
          );
        })}
      </svg>
      <div class="pl-usage-days" aria-hidden="true">
        <span>{day(first.name)}</span>
        {last !== first && <span>{day(last.name)}</span>}
      </div>
      {what === "tokens" && (
        <div class="pl-usage-legend" aria-hidden="true">
          <span class="pl-usage-key" /> written by models
          <span class="pl-usage-key pl-usage-key-input" /> read by models
        </div>
      )}
    </figure>
  );
}
