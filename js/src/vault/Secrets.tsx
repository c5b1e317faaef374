import { useLayoutEffect, useMemo, useRef, useState } from "preact/hooks";
import { Button, Empty, Field, Icon, Menu, rank, Virtual } from "../kit";
import type { Actions } from "./actions";
import type { Asked } from "./Dialogs";
import { Row } from "./Row";
import type { VaultModel } from "./reducer";
import { useClock } from "./timing";
import { lockWords, secrets } from "./words";

interface Props {
  model: VaultModel;
  can: Actions;
  ask: (asked: Asked) => void;
}

/** Pixels of a row, and of one where there is little room, as the style has them. */
const [ROW, HIGH] = [60, 84];
/** Pixels of the view below which rows are high. */
const NARROW = 560;

const SECOND = 1000;

/** Whether an element has little room. */
function useNarrow(box: { current: HTMLElement | null }): boolean {
  const [narrow, setNarrow] = useState(false);
  useLayoutEffect(() => {
    const el = box.current as HTMLElement;
    const measure = () => {
      // Hidden in another tab it has no width.
      if (el.clientWidth) setNarrow(el.clientWidth < NARROW);
    };
    measure();
    const resized = new ResizeObserver(measure);
    resized.observe(el);
    return () => resized.disconnect();
  }, []);
  return narrow;
}

/** An unlocked vault: when it locks, and its secrets. */
export function Secrets({ model, can, ask }: Props) {
  const { entries } = model;
  const [filter, setFilter] = useState("");
  const box = useRef<HTMLDivElement>(null);
  const narrow = useNarrow(box);
  const named = useMemo(
    () => entries.map((each) => [each, each.name.toLowerCase()] as const),
    [entries],
  );
  const found = useMemo(
    () => (filter.trim() ? rank(filter, named) : entries),
    [filter, named],
  );
  return (
    <div class={narrow ? "pl-vault-open pl-vault-narrow" : "pl-vault-open"} ref={box}>
      <Head model={model} can={can} ask={ask} />
      {entries.length > 0 && (
        <div class="pl-vault-bar">
          <Field
            kind="search"
            label="Find a secret"
            hideLabel
            placeholder="Find a secret"
            value={filter}
            onInput={setFilter}
          />
          <span class="pl-quiet" role="status">
            {filter.trim()
              ? `${found.length.toLocaleString("en")} of ${secrets(entries.length)}`
              : secrets(entries.length)}
          </span>
          <Button
            label="Add a secret…"
            icon="plus"
            onClick={() => ask({ kind: "add" })}
          />
        </div>
      )}
      {found.length > 0 && (
        <Virtual
          label="Secrets"
          class="pl-vault-list"
          count={found.length}
          height={narrow ? HIGH : ROW}
          anew={filter}
          onKey={(key, index) => {
            const secret = found[index];
            if (key !== "Delete" || !secret) return false;
            ask({ kind: "delete", name: secret.name });
            return true;
          }}
        >
          {(at) => {
            const secret = found[at.index];
            return (
              secret && <Row key={secret.name} {...{ at, secret, model, can, ask }} />
            );
          }}
        </Virtual>
      )}
      {entries.length > 0 && found.length === 0 && (
        <Empty title="No secret matches" icon="search">
          <Button label="Show all" onClick={() => setFilter("")} />
        </Empty>
      )}
      {entries.length === 0 && (
        <Empty title="The vault is empty" icon="key">
          <p class="pl-vault-say">
            A key that is stored under its usual name, as OPENAI_API_KEY, is found by
            itself.
          </p>
          <div class="pl-vault-first">
            <Button
              label="Add a secret…"
              icon="plus"
              kind="primary"
              onClick={() => ask({ kind: "add" })}
            />
            <Button
              label="Import from PAR LLAMA…"
              onClick={() => ask({ kind: "import" })}
            />
          </div>
        </Empty>
      )}
    </div>
  );
}

/** When the vault locks, and what is done with all of it. */
function Head({ model: { until, place }, can, ask }: Props) {
  const words = useClock(
    (now) => lockWords(until === null ? null : until - now),
    SECOND,
  );
  return (
    <div class="pl-vault-head">
      <Icon name="unlock" />
      <span class="pl-vault-left" role="timer" title={place}>
        {words}
      </span>
      <Button label="Lock" icon="lock" onClick={can.lock} />
      <Menu
        label="More"
        icon="more"
        align="end"
        items={[
          { label: "Import…", onSelect: () => ask({ kind: "import" }) },
          { label: "Change the password…", onSelect: () => ask({ kind: "password" }) },
          { label: "Back up…", apart: true, onSelect: () => ask({ kind: "backup" }) },
          { label: "Restore a backup…", onSelect: () => ask({ kind: "restore" }) },
          {
            label: "Audit log…",
            apart: true,
            onSelect: () => ask({ kind: "audit" }),
          },
        ]}
      />
    </div>
  );
}
