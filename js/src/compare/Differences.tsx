import { useMemo, useState } from "preact/hooks";
import { Select } from "../ui/Select";
import { scrolling } from "../ui/scrolling";
import { difference, readable } from "./difference";
import type { Column } from "./reducer";

interface Props {
  /** Columns with a text, at least two. */
  columns: readonly Column[];
}

/** What differs between two answers, word by word. */
export function Differences({ columns }: Props) {
  const [from, setFrom] = useState(columns[0]?.id);
  const [to, setTo] = useState(columns[1]?.id);
  const before = columns.find(({ id }) => id === from) ?? columns[0];
  const others = columns.filter((column) => column !== before);
  const after = others.find(({ id }) => id === to) ?? others[0];
  const pieces = useMemo(
    () => readable(difference(before?.text ?? "", after?.text ?? "")),
    [before?.text, after?.text],
  );
  if (!before || !after) return null;
  const options = columns.map(({ id, model }) => ({
    value: String(id),
    label: `${id}: ${model}`,
  }));
  const changed = pieces.some(({ kind }) => kind !== "same");
  return (
    <section class="pl-differences" aria-label="Differences">
      <div class="pl-differences-head">
        <Select
          label="From"
          value={String(before.id)}
          options={options}
          onSelect={(value) => {
            setFrom(Number(value));
            if (Number(value) === after.id) setTo(before.id);
          }}
        />
        <Select
          label="To"
          value={String(after.id)}
          options={options.filter(({ value }) => value !== String(before.id))}
          onSelect={(value) => setTo(Number(value))}
        />
        <div class="pl-quiet pl-differences-key">
          <del>only in the first</del> <ins>only in the second</ins>
        </div>
      </div>
      {!changed && <div class="pl-quiet">The two answers are the same.</div>}
      <div
        class="pl-differences-text"
        dir="auto"
        {...scrolling("Text with its differences")}
      >
        {pieces.map(({ kind, text }, at) => {
          // Pieces have no keys but their positions.
          if (kind === "removed") return <del key={at}>{text}</del>;
          if (kind === "added") return <ins key={at}>{text}</ins>;
          return <span key={at}>{text}</span>;
        })}
      </div>
    </section>
  );
}
