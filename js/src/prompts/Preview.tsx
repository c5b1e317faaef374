import { useEffect, useMemo, useState } from "preact/hooks";
import { shown } from "../bridge";
import {
  Banner,
  Button,
  Dots,
  Empty,
  Failed,
  IconButton,
  isLocked,
  Menu,
} from "../kit";
import { ago } from "../models/words";
import type { Failure, PromptData, RenderedData } from "../protocol";
import { Icon } from "../ui/icons";
import type { Actions, PromptsLink } from "./actions";
import { CopyByHand, copied } from "./CopyCell";
import { Fill } from "./Fill";
import { Messages } from "./Messages";
import type { PromptsModel } from "./reducer";
import { Versions } from "./Versions";

interface Props {
  model: PromptsModel;
  can: Actions;
  link: PromptsLink;
  disabled: boolean;
  revision: number;
  /** "" if none is chosen. */
  name: string;
  onExport: () => void;
}

/** Milliseconds after the last key until the kernel fills the prompt in. */
const PAUSE = 150;

/** The chosen prompt: read, filled in, used. */
export function Preview(props: Props) {
  const { can, link, name, revision } = props;
  const [version, setVersion] = useState<number | null>(null);
  const [prompt, setPrompt] = useState<PromptData | null>(null);
  const [problem, setProblem] = useState<Failure | null>(null);
  const [tries, setTries] = useState(0);
  useEffect(() => {
    if (!name) return;
    const ending = new AbortController();
    can
      .request("prompt", { name, version }, { signal: ending.signal })
      .then(({ result }) => {
        setPrompt(result);
        setProblem(null);
      })
      .catch((error) => {
        if (!ending.signal.aborted) setProblem(shown(error));
      });
    return () => ending.abort();
  }, [name, version, revision, tries]);
  const again = () => setTries((now) => now + 1);
  useEffect(() => {
    const ending = new AbortController();
    link.listen((fact) => {
      if (fact.event !== "lock") return;
      const locked = fact.data.state !== "unlocked";
      if (locked && prompt?.encrypted) {
        setPrompt(null);
        again();
      } else if (!locked && problem && isLocked(problem)) again();
    }, ending.signal);
    return () => ending.abort();
  }, [prompt, problem]);
  if (!name)
    return (
      <div class="pl-prompts-preview pl-prompts-none">
        <Empty title="Choose a prompt" icon="book">
          It is shown here, and filled in. Arrows and Enter work in the list, /
          searches.
        </Empty>
      </div>
    );
  return (
    <section class="pl-prompts-preview" aria-label={`Prompt ${name}`}>
      <div class="pl-prompts-back">
        <Button
          label="Back to the list"
          size="small"
          kind="quiet"
          icon="list"
          onClick={() => can.open("")}
        />
      </div>
      {problem && (
        <Failed
          error={problem}
          link={link}
          action={{ label: "Try again", onClick: again }}
          onUnlocked={again}
        />
      )}
      {!prompt && !problem && (
        <div class="pl-prompts-wait" role="status">
          <Dots /> Reading…
        </div>
      )}
      {prompt && !problem && (
        <Content {...props} prompt={prompt} onVersion={setVersion} />
      )}
    </section>
  );
}

interface ContentProps extends Props {
  prompt: PromptData;
  onVersion: (version: number | null) => void;
}

function Content({
  model,
  can,
  link,
  disabled,
  prompt,
  onVersion,
  onExport,
}: ContentProps) {
  const { name, shown: version } = prompt;
  const [values, setValues] = useState<Readonly<Record<string, string>>>({});
  const [text, setText] = useState("");
  const [filled, setFilled] = useState<RenderedData | null>(null);
  const [problem, setProblem] = useState<Failure | null>(null);
  const [as, setAs] = useState<"markdown" | "source">("markdown");
  const [busy, setBusy] = useState(false);
  const [byHand, setByHand] = useState("");
  const old = version !== prompt.version;
  const names = useMemo(
    () => new Set(prompt.variables.map((each) => each.name)),
    [prompt],
  );
  const fill = { name, version, values: { ...values }, text };
  const begun = text.trim() !== "" || Object.values(values).some(Boolean);
  useEffect(() => {
    const ending = new AbortController();
    const timer = setTimeout(
      () => {
        can
          .request("render", fill, { signal: ending.signal })
          .then(({ result }) => {
            setFilled(result);
            setProblem(null);
          })
          .catch((error) => {
            if (!ending.signal.aborted) setProblem(shown(error));
          });
      },
      begun ? PAUSE : 0,
    );
    return () => {
      clearTimeout(timer);
      ending.abort();
    };
  }, [prompt, values, text]);
  const use = async () => {
    setBusy(true);
    setProblem(await can.use(fill, prompt.submit));
    setBusy(false);
  };
  const copy = async () => {
    if (!filled) return;
    const { cell, missing, left_out: left } = filled;
    if (!(await copied(cell))) {
      setByHand(cell);
      return;
    }
    const notes = [
      left.length ? `${left.join(", ")} has several lines and is not in it.` : "",
      missing.length
        ? `${missing.join(", ")}: taken from the notebook, if it has that name.`
        : "",
    ].filter(Boolean);
    can.toaster.say(["Copied: paste it into a cell.", ...notes].join(" "));
  };
  return (
    <>
      <div class="pl-prompt-head">
        <h2>
          {name}
          {prompt.encrypted && (
            <span class="pl-prompt-lock" title="Encrypted">
              <Icon name="lock" />
              <span class="pl-hidden">encrypted</span>
            </span>
          )}
        </h2>
        <IconButton
          label={prompt.favourite ? "It is a favourite" : "Make it a favourite"}
          icon={prompt.favourite ? "starred" : "star"}
          pressed={prompt.favourite}
          disabled={disabled}
          onClick={() => can.favourite(name, !prompt.favourite)}
        />
      </div>
      {prompt.description && <p class="pl-prompts-say">{prompt.description}</p>}
      <Facts {...{ model, prompt, disabled, can, onVersion }} />
      {old && (
        <Banner
          message={`This is version ${version} of ${prompt.version}.`}
          action={{ label: "Show the newest", onClick: () => onVersion(null) }}
        />
      )}
      <div class="pl-prompt-actions">
        {old ? (
          <Button
            label={`Revert to version ${version}`}
            icon="retry"
            kind="primary"
            disabled={disabled}
            onClick={() => {
              onVersion(null);
              can.revert(name, version);
            }}
          />
        ) : (
          <Button
            label="Use in chat"
            icon="chat"
            kind="primary"
            busy={busy}
            disabled={disabled}
            onClick={use}
          />
        )}
        <Button
          label="Copy as a cell"
          icon="copy"
          disabled={disabled || !filled}
          onClick={copy}
        />
        <Button
          label="Edit"
          icon="edit"
          disabled={disabled || old}
          onClick={() => can.write(prompt)}
        />
        <Menu
          label={`More for ${name}`}
          icon="more"
          align="end"
          items={[
            {
              label: "Duplicate",
              icon: "copy",
              disabled: disabled || prompt.encrypted,
              onSelect: () => can.duplicate(name),
            },
            { label: "Export…", icon: "upload", disabled, onSelect: onExport },
            {
              label: "Delete",
              icon: "trash",
              danger: true,
              apart: true,
              disabled,
              onSelect: () => void can.remove([name]),
            },
          ]}
        />
      </div>
      <Fill
        prompt={prompt}
        values={values}
        text={text}
        missing={begun ? (filled?.missing ?? []) : []}
        problem={problem}
        onValues={setValues}
        onText={setText}
      />
      {problem && !problem.field && (
        <Failed
          error={problem}
          link={link}
          onDismiss={() => setProblem(null)}
          onUnlocked={use}
        />
      )}
      <div class="pl-prompt-texts">
        <div class="pl-prompt-texts-head">
          <span class="pl-label">{begun ? "As it is sent" : "As it is written"}</span>
          {/* biome-ignore lint/a11y/useSemanticElements: a fieldset has a look of its own */}
          <span class="pl-prompt-ways" role="group" aria-label="Show the texts as">
            {(["markdown", "source"] as const).map((way) => (
              <button
                key={way}
                type="button"
                class="pl-prompts-chip"
                aria-pressed={as === way}
                onClick={() => setAs(way)}
              >
                {way === "markdown" ? "Markdown" : "Source"}
              </button>
            ))}
          </span>
        </div>
        <Messages
          messages={begun && filled ? filled.messages : prompt.messages}
          variables={names}
          as={as}
          link={link}
        />
      </div>
      {byHand && <CopyByHand text={byHand} onClose={() => setByHand("")} />}
    </>
  );
}

/** Where a prompt came from, and its version, tags and uses. */
function Facts({
  model,
  prompt,
  disabled,
  can,
  onVersion,
}: Pick<ContentProps, "model" | "prompt" | "disabled" | "can" | "onVersion">) {
  const now = Date.now() / 1000 + model.ahead;
  const source = model.facets?.sources.find(({ name }) => name === prompt.source);
  const facts = [
    prompt.source ? `from ${source?.title ?? prompt.source}` : "written here",
    prompt.uses ? `used ${prompt.uses.toLocaleString("en")}×` : "not used yet",
    prompt.used != null && `last ${ago(now - prompt.used)}`,
    prompt.model && `written for ${prompt.model}`,
    prompt.submit && "sent as soon as it is used",
  ].filter(Boolean);
  return (
    <div class="pl-prompt-facts">
      <Versions {...{ prompt, now, disabled, can, onVersion }} />
      <span class="pl-quiet">{facts.join(" · ")}</span>
      {prompt.tags.map((tag) => (
        <button
          key={tag}
          type="button"
          class="pl-prompt-tag"
          title={`Prompts with the tag ${tag}`}
          onClick={() => can.place({ tags: [tag], query: "", source: null })}
        >
          #{tag}
        </button>
      ))}
    </div>
  );
}
