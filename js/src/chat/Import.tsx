import { useEffect, useState } from "preact/hooks";
import { shown } from "../bridge";
import type { PartLink } from "../connection";
import type { Failure, ImportedSessions } from "../protocol";
import { Button } from "../ui/Button";
import { Dialog } from "../ui/Dialog";
import { Failed } from "../ui/Failed";
import { Bar } from "../ui/Progress";
import type { Actions } from "./actions";
import { titleOf } from "./title";

interface Props {
  /** Files that were chosen; none while nothing is imported. */
  files: readonly File[];
  actions: Actions;
  link: PartLink;
  onClose: () => void;
}

interface Stand {
  file: string;
  /** How much of all has arrived, from 0 to 1. */
  part: number;
  ended: boolean;
  taken: Required<ImportedSessions>;
  failures: { file: string; error: Failure }[];
}

const NOTHING: Stand = {
  file: "",
  part: 0,
  ended: false,
  taken: { done: true, added: [], present: [], problems: [] },
  failures: [],
};

/** Imports conversations from files, and says what came of each. */
export function Import({ files, actions, link, onClose }: Props) {
  const [stand, setStand] = useState(NOTHING);
  useEffect(() => {
    setStand(NOTHING);
    if (!files.length) return;
    const ending = new AbortController();
    void run(files, actions, ending.signal, (next) => {
      if (!ending.signal.aborted) setStand(next);
    }).then((last) => {
      const { added, present, problems } = last.taken;
      if (ending.signal.aborted) return;
      const smooth = !last.failures.length && !present.length && !problems.length;
      // What went as wished needs no dialog.
      if (!smooth || !added.length) return;
      onClose();
      actions.toaster.say(
        added.length === 1
          ? `“${titleOf(added[0] ?? "")}” is imported.`
          : `${added.length} conversations are imported.`,
      );
      void actions.open(added[0] ?? "");
    });
    return () => ending.abort();
  }, [files]);
  const { taken, failures, ended } = stand;
  return (
    <Dialog
      title="Import"
      open={files.length > 0}
      onClose={onClose}
      actions={
        <Button
          label={ended ? "Close" : "Cancel"}
          kind={ended ? "primary" : "plain"}
          onClick={onClose}
        />
      }
    >
      <div class="pl-transfer" aria-live="polite">
        {!ended && (
          <>
            <p dir="auto">Reading {stand.file}</p>
            <Bar
              label={`Reading ${stand.file}`}
              part={stand.part < 1 ? stand.part : null}
            />
          </>
        )}
        <Names title="Imported" names={taken.added} actions={actions} done={onClose} />
        <Names
          title="Here already"
          names={taken.present}
          actions={actions}
          done={onClose}
        />
        {ended && (
          <>
            {failures.map(({ file, error }) => (
              <Failed
                key={file}
                error={{ ...error, message: named(file, error.message) }}
                link={link}
                onUnlocked={() => {}}
              />
            ))}
            {taken.problems.map(({ where, why }) => (
              <p key={where} dir="auto">
                <b>{where}</b>: {why}
              </p>
            ))}
          </>
        )}
      </div>
    </Dialog>
  );
}

/** A message that says which file it is about. */
const named = (file: string, message: string) =>
  message.includes(file) ? message : `${file}: ${message}`;

interface NamesProps {
  title: string;
  names: readonly string[];
  actions: Pick<Actions, "open">;
  done: () => void;
}

/** Conversations that can be opened. */
function Names({ title, names, actions, done }: NamesProps) {
  if (!names.length) return null;
  return (
    <section aria-label={title}>
      <h3 class="pl-transfer-title">{title}</h3>
      <ul class="pl-transfer-names">
        {names.map((name) => (
          <li key={name}>
            <Button
              label={titleOf(name)}
              size="small"
              onClick={() => {
                done();
                void actions.open(name);
              }}
            />
          </li>
        ))}
      </ul>
    </section>
  );
}

/** Imports files one after the other. Returns how it stands at the end. */
async function run(
  files: readonly File[],
  actions: Pick<Actions, "importFile">,
  signal: AbortSignal,
  tell: (stand: Stand) => void,
): Promise<Stand> {
  let stand = NOTHING;
  const set = (more: Partial<Stand>) => {
    stand = { ...stand, ...more };
    tell(stand);
  };
  for (const [index, file] of files.entries()) {
    if (signal.aborted) return stand;
    const report = (part: number) => set({ part: (index + part) / files.length });
    set({ file: file.name });
    try {
      const { added, present, problems } = await actions.importFile(
        file,
        report,
        signal,
      );
      const { taken } = stand;
      set({
        taken: {
          done: true,
          added: [...taken.added, ...added],
          present: [...taken.present, ...present],
          problems: [...taken.problems, ...problems],
        },
      });
    } catch (error) {
      const failure = { file: file.name, error: shown(error as Error) };
      set({ failures: [...stand.failures, failure] });
    }
  }
  set({ ended: true });
  return stand;
}
