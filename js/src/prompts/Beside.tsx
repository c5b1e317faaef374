import { useEffect, useMemo, useState } from "preact/hooks";
import { shown } from "../bridge";
import { Button, Dialog, Dots, Problem } from "../kit";
import type { BesideData, CandidateData, Failure } from "../protocol";
import { scrolling } from "../ui/scrolling";
import type { Actions } from "./actions";
import { beside } from "./lines";
import { MEANING } from "./offering";

interface Props {
  row: CandidateData;
  title: string;
  can: Actions;
  chosen: boolean;
  onChoose: () => void;
  onClose: () => void;
}

/** A prompt of the library and the one that is offered, line by line. */
export function Beside({ row, title, can, chosen, onChoose, onClose }: Props) {
  const [texts, setTexts] = useState<BesideData | null>(null);
  const [problem, setProblem] = useState<Failure | null>(null);
  useEffect(() => {
    const ending = new AbortController();
    can
      .request("beside", { name: row.name }, { signal: ending.signal })
      .then(({ result }) => setTexts(result))
      .catch((error) => {
        if (!ending.signal.aborted) setProblem(shown(error));
      });
    return () => ending.abort();
  }, []);
  const lines = useMemo(() => (texts ? beside(texts.mine, texts.theirs) : []), [texts]);
  return (
    <Dialog
      title={`${row.name}: yours and ${title}'s`}
      open
      onClose={onClose}
      actions={
        <>
          <Button label="Close" onClick={onClose} />
          <Button
            label={chosen ? "Do not import it" : importing(row)}
            kind="primary"
            onClick={() => {
              onChoose();
              onClose();
            }}
          />
        </>
      }
    >
      <p class="pl-prompts-say">{MEANING[row.state]}</p>
      {problem && <Problem error={problem} />}
      {!texts && !problem && <Dots label="Reading" />}
      {texts && !texts.mine && (
        <p class="pl-prompts-say">
          {row.current} is encrypted: unlock the vault to compare it.
        </p>
      )}
      {texts && (
        <div class="pl-prompt-beside" {...scrolling("The two prompts, line by line")}>
          <div class="pl-prompt-beside-head" aria-hidden="true">
            <span>Yours: {row.current}</span>
            <span>{title}'s</span>
          </div>
          {lines.map(({ mine, theirs, same }, at) => (
            // Lines have no keys but their positions.
            <div
              key={at}
              class={same ? "pl-prompt-line" : "pl-prompt-line pl-prompt-other"}
            >
              {mine === null ? (
                <span />
              ) : same ? (
                <span>{mine}</span>
              ) : (
                <del>{mine}</del>
              )}
              {theirs === null ? (
                <span />
              ) : same ? (
                <span class="pl-prompt-twin" aria-hidden="true">
                  {theirs}
                </span>
              ) : (
                <ins>{theirs}</ins>
              )}
            </div>
          ))}
        </div>
      )}
    </Dialog>
  );
}

const importing = ({ state, beside }: CandidateData) =>
  state === "changed" || !beside ? "Import it" : `Import it as ${beside}`;
