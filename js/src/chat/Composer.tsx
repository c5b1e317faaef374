import type { ComponentChildren } from "preact";
import { useEffect, useRef, useState } from "preact/hooks";
import type { PartLink } from "../connection";
import type { ChosenPrompt } from "../protocol";
import { bytes } from "../ui/amounts";
import { IconButton } from "../ui/Button";
import { breakLine, undoes } from "../ui/editing";
import { Icon } from "../ui/icons";
import { type Actions, tooLong } from "./actions";
import { Chip } from "./Chip";
import { shown, start, step, type Walk } from "./input-history";
import { Mentioned, Mentions, useMentioned, useMentions } from "./Mentions";
import { missing, useFilling } from "./prompt-values";
import { Slash, useSlash } from "./Slash";

interface Props {
  busy: boolean;
  stop: "no" | "asked" | "late";
  heard: boolean | null;
  /** A text for the composer, set each time that `drafts` increases. */
  draft: string;
  drafts: number;
  /** The prompt of the library that asks next. */
  prompt: ChosenPrompt | null;
  link: PartLink;
  placeholder: string;
  /** Gets the whole text whenever it has changed. */
  onText: (text: string) => void;
  /** Gets the values of the prompt's variables whenever they have changed. */
  onValues: (values: Readonly<Record<string, string>>) => void;
  actions: Actions;
  /** What else is in the last line. */
  children?: ComponentChildren;
}

/** Longer pastes (in characters) are kept beside the text: a long field is slow. */
const LONG = 20_000;

/** Milliseconds after the last key until the draft is saved. */
const PAUSE = 500;

/** Keys that move the caret. */
const MOVES = new Set(["ArrowLeft", "ArrowRight", "Home", "End"]);

/** Whether a key is part of composing a character, as in Japanese or Chinese. */
export const isTyping = (event: KeyboardEvent) =>
  event.isComposing || event.keyCode === 229;

export function Composer(props: Props) {
  const { busy, stop, heard, draft, drafts, placeholder, actions, children } = props;
  const box = useRef<HTMLTextAreaElement>(null);
  const walk = useRef<Walk | null>(null);
  const timer = useRef<ReturnType<typeof setTimeout>>(undefined);
  const [pasted, setPasted] = useState("");
  const [empty, setEmpty] = useState(true);
  const [problem, setProblem] = useState<string | null>(null);
  const { prompt } = props;
  const filling = useFilling(prompt);
  const taken = useRef("");
  const slash = useSlash(actions, box, (name) => {
    taken.current = name;
  });
  const mentions = useMentions(actions, box);
  const [mentioned, mention] = useMentioned(actions);

  const whole = () =>
    [box.current?.value ?? "", pasted].filter((text) => text.trim()).join("\n\n");
  const changed = () => {
    const field = box.current;
    if (!field) return;
    suit(field);
    slash.onText(field.value);
    mentions.onCaret();
    mention(field.value);
    setEmpty(!field.value.trim());
    setProblem(null);
    props.onText(whole());
  };
  const put = (text: string) => {
    const field = box.current;
    if (!field) return;
    if (text.length > LONG) setPasted(text);
    else field.value = text;
    changed();
  };
  const keep = () => {
    clearTimeout(timer.current);
    timer.current = setTimeout(() => actions.draft(box.current?.value ?? ""), PAUSE);
  };
  useEffect(() => () => clearTimeout(timer.current), []);
  useEffect(() => props.onText(whole()), [pasted]);
  useEffect(() => props.onValues(filling.values), [filling.values]);

  useEffect(() => {
    // Do not replace what the user is typing.
    if (drafts && !box.current?.value.trim()) put(draft);
  }, [drafts]);

  // A prompt that is to be sent at once is, if it was chosen here and lacks nothing.
  useEffect(() => {
    if (!prompt || prompt.locked || taken.current !== prompt.name) return;
    taken.current = "";
    if (prompt.submit && prompt.asks && !missing(prompt.variables, {}).length) send();
  }, [prompt]);

  const send = () => {
    const text = whole();
    if (busy || prompt?.locked) return;
    if ((!text.trim() && !prompt?.asks) || !filling.ready()) return;
    const refused = tooLong(text);
    setProblem(refused);
    if (refused) return;
    clearTimeout(timer.current);
    walk.current = null;
    if (box.current) box.current.value = "";
    setPasted("");
    changed();
    actions.send(text, prompt ? { values: filling.values } : undefined);
    box.current?.focus();
  };

  const lead = async (by: 1 | -1) => {
    const field = box.current;
    if (!field) return;
    if (!walk.current) {
      if (by < 0) return;
      const typed = field.value;
      const inputs = await actions.inputs().catch(() => []);
      // The user has typed on meanwhile.
      if (field.value !== typed) return;
      walk.current = start(inputs, typed);
    }
    const next = step(walk.current, by);
    if (next === walk.current) return;
    walk.current = next.at < 0 ? null : next;
    field.value = shown(next);
    const end = by > 0 ? 0 : field.value.length;
    field.setSelectionRange(end, end);
    changed();
  };

  const onKeyDown = (event: KeyboardEvent) => {
    if (isTyping(event) || undoes(event)) return;
    if (slash.onKey(event) || mentions.onKey(event)) return;
    const field = event.currentTarget as HTMLTextAreaElement;
    const { key, shiftKey, altKey, ctrlKey, metaKey } = event;
    const plain = !shiftKey && !altKey && !ctrlKey && !metaKey;
    const caret = field.selectionStart === field.selectionEnd && field.selectionEnd;
    if (key === "Enter") {
      event.preventDefault();
      if (shiftKey || altKey) breakLine(field);
      else send();
    } else if (key === "ArrowUp" && plain && caret === 0) {
      event.preventDefault();
      void lead(1);
    } else if (key === "ArrowDown" && plain && caret === field.value.length) {
      if (walk.current) event.preventDefault();
      void lead(-1);
    }
  };

  const onPaste = (event: ClipboardEvent) => {
    const text = event.clipboardData?.getData("text/plain") ?? "";
    if (text.length <= LONG) return;
    event.preventDefault();
    setPasted((old) => (old ? `${old}\n\n${text}` : text));
    setProblem(tooLong(text));
  };

  const nothing = (empty && !pasted && !prompt?.asks) || prompt?.locked === true;
  return (
    <form
      class="pl-composer"
      onSubmit={(event) => {
        event.preventDefault();
        send();
      }}
    >
      {prompt && (
        <Chip
          {...{ prompt, filling }}
          link={props.link}
          onRemove={() => {
            actions.choosePrompt("");
            box.current?.focus();
          }}
        />
      )}
      {pasted !== "" && (
        <div class="pl-pasted">
          <span class="pl-pasted-words" dir="auto">
            {pasted.slice(0, 120)}
          </span>
          <span class="pl-quiet">Pasted text, {bytes(pasted.length)}</span>
          <IconButton
            icon="close"
            label="Remove pasted text"
            onClick={() => {
              setPasted("");
              setProblem(null);
              box.current?.focus();
            }}
          />
        </div>
      )}
      {problem && (
        <div class="pl-composer-problem" role="alert">
          {problem} Shorten it, or ask in a cell with {"{{a variable}}"}.
        </div>
      )}
      <textarea
        key="text"
        ref={box}
        class="pl-composer-text"
        rows={1}
        dir="auto"
        aria-label="Message"
        {...(mentions.open ? mentions.aria : slash.aria)}
        placeholder={prompt ? wanted(prompt) : placeholder}
        onInput={() => {
          walk.current = null;
          changed();
          keep();
        }}
        onKeyDown={onKeyDown}
        onKeyUp={({ key }) => MOVES.has(key) && mentions.onCaret()}
        onClick={mentions.onCaret}
        onPaste={onPaste}
      />
      <Slash slash={slash} />
      <Mentions list={mentions} />
      <Mentioned mentions={mentioned} />
      <div class="pl-composer-foot">
        {children}
        {busy ? (
          <StopButton stop={stop} heard={heard} onStop={actions.stop} />
        ) : (
          <button
            type="submit"
            class="pl-round"
            aria-label="Send"
            title="Send (Enter)"
            disabled={nothing || problem !== null}
          >
            <Icon name="send" />
          </button>
        )}
      </div>
    </form>
  );
}

interface Stop {
  stop: Props["stop"];
  heard: boolean | null;
  onStop: () => void;
}

/** Stop, or what to do if the kernel does not get this page's messages. */
function StopButton({ stop, heard, onStop }: Stop) {
  if (heard === false || stop === "late") {
    return <span class="pl-quiet">Interrupt the kernel to stop.</span>;
  }
  return (
    <button
      type="button"
      class="pl-round"
      aria-label={stop === "asked" ? "Stopping" : "Stop answering"}
      title="Stop (Esc)"
      aria-disabled={stop === "asked"}
      onClick={onStop}
    >
      <span class="pl-stop-mark" aria-hidden="true" />
    </button>
  );
}

/** What the composer waits for, with a prompt. */
const wanted = ({ asks, takes_input: input }: ChosenPrompt) =>
  asks ? "More words, if you like" : input ? "Text for the prompt" : "Your text";

const FITS = typeof CSS !== "undefined" && CSS.supports?.("field-sizing", "content");

/** Sets a field's height to that of its text, if the browser does not do it. */
function suit(field: HTMLTextAreaElement) {
  if (FITS) return;
  field.style.height = "auto";
  field.style.height = `${field.scrollHeight}px`;
}
