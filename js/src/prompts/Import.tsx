import { useEffect, useState } from "preact/hooks";
import { shown } from "../bridge";
import { Banner, Button, Dots, Field, Problem, Progress, Select, Switch } from "../kit";
import { tried } from "../models/trying";
import { ago } from "../models/words";
import type { Failure, OfferData, SourceData } from "../protocol";
import type { Actions } from "./actions";
import { Candidates } from "./Candidates";
import type { PromptsModel } from "./reducer";

interface Props {
  model: PromptsModel;
  can: Actions;
  disabled: boolean;
  onClose: () => void;
}

/** Prompts from elsewhere: a source is read, the user chooses, and that is imported. */
export function Import({ model, can, disabled, onClose }: Props) {
  const { importing, stopping } = model;
  const { stage, job, title, error } = importing;
  const under = stage === "reading" || stage === "taking";
  return (
    <section class="pl-prompt-import" aria-label="Import prompts">
      <div class="pl-prompt-edit-head">
        <h2>Import prompts</h2>
        {stage === "offered" && (
          <Button
            label="Another source"
            kind="quiet"
            disabled={disabled}
            onClick={can.forgetImport}
          />
        )}
        <Button label="Back to the list" icon="list" onClick={onClose} />
      </div>
      {error && stage !== "reading" && stage !== "taking" && <Problem error={error} />}
      {(stage === "none" || stage === "failed" || stage === "done") && (
        <Begin {...{ model, can, disabled }} />
      )}
      {under && (
        <>
          <Progress
            label={job?.title ?? `read prompts of ${title}`}
            progress={job?.progress ?? null}
            note={job?.notice ?? ""}
            cancelling={stopping}
            {...(!disabled && { onCancel: can.stopImport })}
          />
          <p class="pl-quiet pl-prompts-say">
            It goes on if you leave this page, and is found here again.
          </p>
        </>
      )}
      {stage === "offered" && (
        <Offered key={importing.id} {...{ model, can, disabled }} />
      )}
    </section>
  );
}

/** Which source is read, and where it is. */
function Begin({ model, can, disabled }: Omit<Props, "onClose">) {
  const [sources, setSources] = useState<readonly SourceData[] | null>(null);
  const [name, setName] = useState(model.importing.source);
  const [location, setLocation] = useState(model.importing.location);
  const [refresh, setRefresh] = useState(false);
  const [problem, setProblem] = useState<Failure | null>(null);
  const [busy, setBusy] = useState(false);
  useEffect(() => {
    can
      .request("sources")
      .then(({ result }) => setSources(result.sources))
      .catch((error) => setProblem(shown(error)));
  }, []);
  const source =
    sources?.find((each) => each.name === name) ??
    sources?.find((each) => each.name === "fabric") ??
    sources?.[0];
  const lacks = source?.needs_location && !location.trim();
  const start = async () => {
    if (!source || busy || disabled || lacks) return;
    setBusy(true);
    setProblem(
      await tried(can.request("import", { source: source.name, location, refresh })),
    );
    setBusy(false);
  };
  if (!sources)
    return problem ? (
      <Problem error={problem} />
    ) : (
      <div class="pl-prompts-wait">
        <Dots /> Looking for sources…
      </div>
    );
  const rest = sources.filter((each) => each.name !== "fabric");
  const ordered = [...sources.filter((each) => each.name === "fabric"), ...rest];
  return (
    <div class="pl-prompt-begin">
      <Select
        label="Source"
        value={source?.name ?? ""}
        options={ordered.map((each) => ({
          value: each.name,
          label: each.title,
          description: each.location,
        }))}
        onSelect={(name) => {
          setName(name);
          setProblem(null);
        }}
      />
      <Field
        label={source?.needs_location ? "Location" : "Location (optional)"}
        code
        value={location}
        placeholder={source?.needs_location ? "PATH" : "PATH or https://…"}
        required={source?.needs_location ?? false}
        hint={
          source ? `${upper(source.location)}, on the kernel's machine.` : undefined
        }
        onInput={setLocation}
        onKeyDown={(event) => {
          if (event.key === "Enter") start();
        }}
      />
      {!source?.needs_location && !location.trim() && (
        <Switch
          label="Fetch it anew"
          on={refresh}
          hint="Otherwise what was fetched before is used if nothing has changed."
          onChange={setRefresh}
        />
      )}
      {problem && <Problem error={problem} onDismiss={() => setProblem(null)} />}
      <div>
        <Button
          label="Start"
          kind="primary"
          icon="download"
          busy={busy}
          disabled={disabled || !source || lacks === true}
          onClick={start}
        />
      </div>
      <p class="pl-quiet pl-prompts-say">
        Nothing is imported yet: you choose from what there is.
      </p>
    </div>
  );
}

/** What there is, to be chosen from. */
function Offered({ model, can, disabled }: Omit<Props, "onClose">) {
  const { importing, ahead } = model;
  const [offer, setOffer] = useState<OfferData | null>(null);
  const [problem, setProblem] = useState<Failure | null>(null);
  useEffect(() => {
    const ending = new AbortController();
    can
      .request("offer", {}, { signal: ending.signal })
      .then(({ result }) => setOffer(result))
      .catch((error) => {
        if (!ending.signal.aborted) setProblem(shown(error));
      });
    return () => ending.abort();
  }, [importing.id]);
  if (problem) return <Problem error={problem} />;
  if (!offer)
    return (
      <div class="pl-prompts-wait" role="status">
        <Dots /> Comparing…
      </div>
    );
  const now = Date.now() / 1000 + ahead;
  return (
    <>
      <p class="pl-prompts-say pl-quiet">
        From {importing.title}: {offer.origin}
      </p>
      {offer.from_cache != null && (
        <Banner
          message={`The network was not reached: this was fetched ${ago(now - offer.from_cache)}.`}
          hint={new Date((offer.from_cache - ahead) * 1000).toLocaleString("en")}
        />
      )}
      {offer.problem_count > 0 && (
        <details class="pl-prompt-problems">
          <summary>
            {offer.problem_count.toLocaleString("en")} could not be read
          </summary>
          <ul>
            {offer.problems.map(({ where, what }) => (
              <li key={`${where} ${what}`}>
                <span class="pl-prompt-where">{where}</span> {what}
              </li>
            ))}
            {offer.problem_count > offer.problems.length && (
              <li class="pl-quiet">
                and {offer.problem_count - offer.problems.length} more
              </li>
            )}
          </ul>
        </details>
      )}
      <Candidates {...{ offer, can, disabled }} title={importing.title} />
    </>
  );
}

const upper = (text: string) => text.charAt(0).toUpperCase() + text.slice(1);
