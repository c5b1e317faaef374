import { useMemo, useState } from "preact/hooks";
import { as, Button, Empty, Field, type Place, Problem, Virtual } from "../kit";
import { tried } from "../models/trying";
import type { CandidateData, Failure, OfferData } from "../protocol";
import type { Actions } from "./actions";
import { Beside } from "./Beside";
import {
  counts,
  filtered,
  MEANING,
  prompts,
  STATES,
  type State,
  usual,
} from "./offering";

interface Props {
  offer: OfferData;
  title: string;
  can: Actions;
  disabled: boolean;
}

/** Pixels of a row, as the style has them. */
const ROW = 52;

const ALL = Object.keys(STATES) as State[];

/** What a source offers: each prompt with what importing it means. */
export function Candidates({ offer, title, can, disabled }: Props) {
  const all = offer.candidates;
  const [chosen, setChosen] = useState<ReadonlySet<string>>(
    () => new Set(all.filter(usual).map(({ name }) => name)),
  );
  const [query, setQuery] = useState("");
  const [state, setState] = useState<State | null>(null);
  const [compared, setCompared] = useState<CandidateData | null>(null);
  const [problem, setProblem] = useState<Failure | null>(null);
  const [busy, setBusy] = useState(false);
  const count = useMemo(() => counts(all), [all]);
  const rows = useMemo(() => filtered(all, query, state), [all, query, state]);
  const toggle = (name: string) => {
    const next = new Set(chosen);
    if (!next.delete(name)) next.add(name);
    setChosen(next);
  };
  const choose = (which: (each: CandidateData) => boolean) =>
    setChosen(new Set(all.filter(which).map(({ name }) => name)));
  const take = async () => {
    if (!chosen.size || busy || disabled) return;
    setBusy(true);
    setProblem(await tried(can.request("take", { names: [...chosen] })));
    setBusy(false);
  };
  if (!all.length) return <Empty title="There is no prompt in it" icon="search" />;
  return (
    <div class="pl-prompt-candidates">
      <div class="pl-prompts-search">
        <Field
          kind="search"
          label="Search what is offered"
          hideLabel
          placeholder="Search"
          value={query}
          onInput={setQuery}
        />
        {/* biome-ignore lint/a11y/useSemanticElements: a fieldset has a look of its own */}
        <span class="pl-prompts-tags" role="group" aria-label="Show only">
          {ALL.filter((each) => count[each]).map((each) => (
            <button
              key={each}
              type="button"
              class="pl-prompts-chip"
              aria-pressed={state === each}
              title={MEANING[each]}
              onClick={() => setState(state === each ? null : each)}
            >
              {STATES[each]}{" "}
              <span class="pl-prompts-number">{count[each].toLocaleString("en")}</span>
            </button>
          ))}
        </span>
      </div>
      <div class="pl-prompt-choose">
        <span class="pl-quiet" role="status">
          {chosen.size.toLocaleString("en")} of {prompts(all.length)} chosen
        </span>
        <Button label="All" size="small" onClick={() => choose(() => true)} />
        <Button label="None" size="small" onClick={() => choose(() => false)} />
        <Button
          label="New"
          size="small"
          disabled={!count.new}
          onClick={() => choose((each) => each.state === "new")}
        />
        <Button
          label="Changed"
          size="small"
          disabled={!count.changed}
          onClick={() => choose((each) => each.state === "changed")}
        />
        {(query.trim() || state) && (
          <Button
            label={`These ${rows.length}`}
            size="small"
            disabled={!rows.length}
            onClick={() => setChosen(new Set(rows.map(({ name }) => name)))}
          />
        )}
      </div>
      {rows.length ? (
        <Virtual
          label={`Prompts of ${title}`}
          class="pl-prompt-offers"
          count={rows.length}
          height={ROW}
          several
          anew={`${query}\n${state}`}
          onKey={(key, index) => {
            const row = rows[index];
            if (!row || (key !== " " && key !== "Enter")) return false;
            if (key === "Enter" && row.current) setCompared(row);
            else toggle(row.name);
            return true;
          }}
        >
          {(at) => {
            const row = rows[at.index];
            return (
              row && (
                <Candidate
                  key={row.name}
                  at={at}
                  row={row}
                  chosen={chosen.has(row.name)}
                  onTick={() => toggle(row.name)}
                  onCompare={() => setCompared(row)}
                />
              )
            );
          }}
        </Virtual>
      ) : (
        <Empty title="Nothing matches" icon="search" />
      )}
      {problem && <Problem error={problem} onDismiss={() => setProblem(null)} />}
      <div class="pl-prompt-choose">
        <Button
          label={`Import ${prompts(chosen.size)}`}
          kind="primary"
          icon="download"
          busy={busy}
          disabled={disabled || !chosen.size}
          onClick={take}
        />
        <span class="pl-quiet">Nothing that you wrote is overwritten.</span>
      </div>
      {compared && (
        <Beside
          key={compared.name}
          row={compared}
          title={title}
          can={can}
          chosen={chosen.has(compared.name)}
          onChoose={() => toggle(compared.name)}
          onClose={() => setCompared(null)}
        />
      )}
    </div>
  );
}

interface RowProps {
  at: Place;
  row: CandidateData;
  chosen: boolean;
  onTick: () => void;
  onCompare: () => void;
}

function Candidate({ at, row, chosen, onTick, onCompare }: RowProps) {
  const { name, description, state, current, beside } = row;
  const stop = at.active ? 0 : -1;
  const about =
    beside && chosen
      ? `added beside yours as ${beside}`
      : description || MEANING[state];
  return (
    // biome-ignore lint/a11y/noStaticElementInteractions: it is a row of a grid
    <div
      {...as("row", { "aria-rowindex": at.index + 1, "aria-selected": chosen })}
      class="pl-prompt-row"
      style={{ transform: `translateY(${at.top}px)` }}
      tabIndex={stop}
      onFocus={at.onFocus}
      onKeyDown={at.onKeyDown}
      onClick={(event) => {
        if (!(event.target as Element).closest("label, button")) onTick();
      }}
    >
      <div {...as("gridcell")} class="pl-prompt-tick">
        <label class="pl-prompt-tick-box">
          <input
            type="checkbox"
            checked={chosen}
            tabIndex={stop}
            aria-label={`Import ${name}`}
            onClick={onTick}
          />
        </label>
      </div>
      <div {...as("gridcell")} class="pl-prompt-main">
        <div class="pl-prompt-title">
          <span class="pl-prompt-name" title={name}>
            {name}
          </span>
          <span
            class={`pl-prompt-badge pl-prompt-badge-${state}`}
            title={MEANING[state]}
          >
            {STATES[state]}
          </span>
        </div>
        <div class="pl-prompt-about">
          <span class="pl-prompt-words">{about}</span>
        </div>
      </div>
      <div {...as("gridcell")} class="pl-prompt-compare">
        {current && state !== "same" && (
          <Button
            label="Compare"
            size="small"
            title={`Compare ${name} with yours`}
            onClick={onCompare}
          />
        )}
      </div>
    </div>
  );
}
