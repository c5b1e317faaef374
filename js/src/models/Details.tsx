import { useEffect, useMemo, useState } from "preact/hooks";
import { shown } from "../bridge";
import { Button, Disclosure, Dots, Drawer, Field, Menu, Problem } from "../kit";
import type { DetailsData, FactData, Failure, ModelRow } from "../protocol";
import { scrolling } from "../ui/scrolling";
import { Copy } from "./Copy";
import { answers, type Doing, menuOf } from "./menu";
import type { ModelsModel } from "./reducer";

interface Props {
  model: ModelsModel;
  row: ModelRow | undefined;
  doing: Doing;
  onClose: () => void;
}

/** What the drawer has beside its menu. */
const BESIDE: ReadonlySet<string> = new Set([
  "Details",
  "Chat with it",
  "Create from it…",
]);

/** All that is known of a model, beside the table. */
export function Details({ model, row, doing, onClose }: Props) {
  return (
    <Drawer title={row?.name ?? ""} open={row !== undefined} onClose={onClose}>
      {row && <Content key={`${row.id} ${row.digest}`} {...{ model, row, doing }} />}
    </Drawer>
  );
}

function Content({
  model,
  row,
  doing,
}: Omit<Props, "onClose" | "row"> & { row: ModelRow }) {
  const { can, disabled } = doing;
  const { id } = row;
  const [details, setDetails] = useState<DetailsData | null>(null);
  const [problem, setProblem] = useState<Failure | null>(null);
  const [asked, setAsked] = useState(0);
  useEffect(() => {
    const ending = new AbortController();
    setProblem(null);
    can
      .request("details", { model: id }, { signal: ending.signal })
      .then(({ result }) => setDetails(result))
      .catch((error) => {
        if (!ending.signal.aborted) setProblem(shown(error));
      });
    return () => ending.abort();
  }, [id, asked]);
  const busy = model.doing[id];
  return (
    <>
      <div class="pl-details-actions">
        {answers(row) && (
          <Button
            label="Chat with it"
            icon="chat"
            kind="primary"
            disabled={disabled}
            onClick={() => can.chat(id)}
          />
        )}
        {row.provider === "ollama" && (
          <Button
            label="Create from it"
            icon="plus"
            disabled={disabled}
            onClick={() => doing.createFrom(row)}
          />
        )}
        <Menu
          label={`More for ${row.name}`}
          icon="more"
          align="end"
          items={menuOf(row, doing).filter(({ label }) => !BESIDE.has(label))}
        />
        {busy && <span class="pl-quiet">{busy}</span>}
      </div>
      {problem && (
        <Problem
          error={problem}
          action={{ label: "Try again", onClick: () => setAsked(asked + 1) }}
        />
      )}
      {details ? (
        <All details={details} />
      ) : (
        !problem && (
          <div class="pl-models-wait" role="status">
            <Dots /> Asking what is known of it…
          </div>
        )
      )}
    </>
  );
}

function All({ details }: { details: DetailsData }) {
  const { facts, capabilities, remote, parameters, messages, metadata } = details;
  return (
    <>
      {remote && (
        <div class="pl-quiet">
          A cloud model: what it is asked is sent to {remote}, and its weights are
          there.
        </div>
      )}
      {capabilities.length > 0 && (
        <ul class="pl-badges" aria-label="Capabilities">
          {capabilities.map((each) => (
            <li key={each} class="pl-badge">
              {each}
            </li>
          ))}
        </ul>
      )}
      <Facts label="Facts" facts={facts} />
      <div class="pl-details-texts">
        {details.system && <Text label="System prompt" text={details.system} open />}
        {parameters.length > 0 && (
          <Disclosure label="Parameters" note={String(parameters.length)} open>
            <Facts label="Parameters" facts={parameters} />
          </Disclosure>
        )}
        {messages.length > 0 && (
          <Disclosure label="Messages" note={String(messages.length)}>
            {messages.map(({ role, content }, index) => (
              <div key={index} class="pl-details-message">
                <span class="pl-label">{role}</span>
                <span>{content}</span>
              </div>
            ))}
          </Disclosure>
        )}
        {details.template && <Text label="Template" text={details.template} />}
        {details.modelfile && <Text label="Modelfile" text={details.modelfile} />}
        {details.license && <Text label="License" text={details.license} />}
        {metadata.length > 0 && <Metadata metadata={metadata} />}
      </div>
    </>
  );
}

export function Facts({ label, facts }: { label: string; facts: readonly FactData[] }) {
  return (
    <dl class="pl-facts" aria-label={label}>
      {facts.map(({ name, value }, index) => (
        <div key={index}>
          <dt>{name}</dt>
          <dd>{value}</dd>
        </div>
      ))}
    </dl>
  );
}

interface TextProps {
  label: string;
  text: string;
  open?: boolean;
}

/** A text that may be long, folded, with a button that copies it. */
export function Text({ label, text, open = false }: TextProps) {
  const lines = text.split("\n").length;
  return (
    <Disclosure
      label={label}
      {...(lines > 1 && { note: `${lines} lines` })}
      open={open}
    >
      <div class="pl-text">
        <pre {...scrolling(label)}>{text}</pre>
        <Copy label={`Copy: ${label}`} text={text} />
      </div>
    </Disclosure>
  );
}

/** What the file of the weights says of itself; searched by typing. */
function Metadata({ metadata }: Pick<DetailsData, "metadata">) {
  const [query, setQuery] = useState("");
  const found = useMemo(() => {
    const words = query.toLowerCase().split(/\s+/);
    const text = ({ name, value }: FactData) => `${name} ${value}`.toLowerCase();
    return metadata.filter((fact) => words.every((word) => text(fact).includes(word)));
  }, [metadata, query]);
  return (
    <Disclosure label="Metadata" note={String(metadata.length)}>
      <div class="pl-details-metadata">
        <Field
          kind="search"
          label="Search the metadata"
          hideLabel
          placeholder="Search"
          value={query}
          onInput={setQuery}
        />
        {found.length ? (
          <Facts label="Metadata" facts={found} />
        ) : (
          <div class="pl-quiet">Nothing matches.</div>
        )}
      </div>
    </Disclosure>
  );
}
