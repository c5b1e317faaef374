import { useMemo } from "preact/hooks";
import { type Column, Empty, Switch, Table } from "../kit";
import type { FoundSecret, FoundSecrets } from "../protocol";

interface Props {
  found: FoundSecrets;
  chosen: ReadonlySet<string>;
  marked: boolean;
  onChoose: (names: ReadonlySet<string>) => void;
  onMark: (on: boolean) => void;
}

const WORDS = {
  new: "New",
  exists: "The vault has it: replace",
  skipped: "Cannot be imported",
} as const;

/** What a file of secrets holds, to be chosen from. */
export function Found({ found, chosen, marked, onChoose, onMark }: Props) {
  const columns = useMemo<readonly Column<FoundSecret>[]>(
    () => [
      {
        key: "name",
        label: "Name",
        main: true,
        cell: ({ name, state }) => (
          <label class="pl-vault-found">
            <input
              type="checkbox"
              checked={chosen.has(name)}
              disabled={state === "skipped"}
              onClick={() => {
                const next = new Set(chosen);
                if (!next.delete(name)) next.add(name);
                onChoose(next);
              }}
            />
            <span>{name}</span>
          </label>
        ),
      },
      {
        key: "state",
        label: "What happens",
        cell: ({ state, note }) => (
          <div>
            {WORDS[state]}
            {note && <div class="pl-quiet">{note}</div>}
          </div>
        ),
      },
    ],
    [chosen, onChoose],
  );
  const exported = found.rows.filter(
    ({ name, exported }) => exported && chosen.has(name),
  );
  return (
    <>
      <p class="pl-vault-say pl-vault-path">{found.path}</p>
      <div class="pl-vault-log">
        <Table
          label="Secrets of the file"
          columns={columns}
          rows={found.rows}
          rowKey={({ name, state }) => `${state} ${name}`}
          empty={<Empty title="The file has no secrets" />}
        />
      </div>
      {exported.length > 0 && (
        <Switch
          label="Also put into the environment what PAR LLAMA puts there"
          hint={`${exported.length} of the chosen ones: every program that a cell starts can read them.`}
          on={marked}
          onChange={onMark}
        />
      )}
    </>
  );
}
