import type { ComponentChildren } from "preact";
import { useEffect, useLayoutEffect, useRef, useState } from "preact/hooks";
import type { PartLink } from "../connection";
import type { ChosenPrompt, SlashData } from "../protocol";
import { bytes } from "../ui/amounts";
import { IconButton } from "../ui/Button";
import { breakLine, isTyping, undoes } from "../ui/editing";
import { Icon } from "../ui/icons";
import { Attached } from "./Attached";
import { type Actions, tooLong } from "./actions";
import { Chip } from "./Chip";
import { shown, start, step, type Walk } from "./input-history";
import { Mentioned, useMentioned, useMentions } from "./Mentions";
import { missing, useFilling } from "./prompt-values";
import { type ChatModel, isBusy } from "./reducer";
import { SlashHelp } from "./SlashHelp";
import { StopButton } from "./StopButton";
import { Suggestions, useSuggestions } from "./Suggestions";
import { type, useSlash } from "./slash";
import { commandOf, mistyped, usage } from "./slash-text";
import type { Uploads } from "./uploads";
import { Confirmation, Proposed, useCommandRuns } from "./use-commands";

interface Props {
  chat: ChatModel;
  uploads: Uploads;
  link: PartLink;
  placeholder: string;
  /** Gets the whole text whenever it has changed. */
  onText: (text: string) => void;
  /** Gets the values of the prompt's variables whenever they have changed. */
  onValues: (values: Readonly<Record<string, string>>) => void;
  onFiles: (files: readonly File[]) => void;
  onOptions: () => void;
  onFind: (words: string) => void;
  actions: Actions;
  /** What else is in the last line. */
  children?: ComponentChildren;
}

/** Longer pastes (in characters) become an attachment: a long field is slow. */
const LONG = 20_000;

/** Milliseconds after the last key until the draft is saved. */
const PAUSE = 500;

/** Keys that move the caret. */
const MOVES = new Set(["ArrowLeft", "ArrowRight", "Home", "End"]);

interface Trouble {
  message: string;
  hint?: string | null | undefined;
  /** The text is not sent while this is so. */
  blocks?: boolean;
  /** The text that is sent if Enter is pressed once more. */
  anyway?: string;
}

export function Composer(props: Props) {
  const { chat, placeholder, actions, children, uploads, link } = props;
  const { draft, drafts, refused, prompt, stop, heard, session } = chat;
  const { attachments } = chat.attached;
  const blind = session.sees === false ? (session.model ?? chat.default?.model) : null;
  const busy = isBusy(chat);
  const box = useRef<HTMLTextAreaElement>(null);
  const picker = useRef<HTMLInputElement>(null);
  const walk = useRef<Walk | null>(null);
  const timer = useRef<ReturnType<typeof setTimeout>>(undefined);
  // With the tab that it was typed in: another one may be shown when it is saved.
  const unsaved = useRef<{ tab: string; text: string } | null>(null);
  // What does not fit into the field, such as a long question that was refused.
  const [beside, setBeside] = useState("");
  const [typed, setTyped] = useState("");
  const [trouble, setTrouble] = useState<Trouble | null>(null);
  const [help, setHelp] = useState<string | null>(null);
  const filling = useFilling(prompt, actions.filled, chat.tabs.current);
  const taken = useRef("");
  const focus = () => box.current?.focus();

  const slash = useSlash(typed, {
    actions,
    box,
    onPrompt: (name) => {
      taken.current = name;
    },
    onRun: () => void submit(),
  });
  const mentions = useMentions(actions, box);
  const [mentioned, mention] = useMentioned(actions);
  const list = useSuggestions(box, slash.offer ?? mentions.offer);
  const running = useCommandRuns({
    actions,
    toaster: actions.toaster,
    onFind: props.onFind,
    onOptions: props.onOptions,
    onHelp: setHelp,
    onPick: () => picker.current?.click(),
    onDone: focus,
    onFailed: (text, error) => {
      // Where another tab is shown, the kernel has put it back into its own.
      if (!box.current || box.current.value.trim()) {
        actions.toaster.say(error.message, "error");
        return;
      }
      type(box, text);
      setTrouble(error);
    },
  });

  const whole = () => joined(box.current?.value ?? "", beside);
  const changed = () => {
    const field = box.current;
    if (!field) return;
    suit(field);
    setTyped(field.value);
    mentions.onCaret();
    mention(field.value);
    setTrouble(null);
    props.onText(whole());
  };
  /** Puts a text before what is typed; returns all of it. */
  const put = (text: string): string => {
    const field = box.current;
    if (!field) return "";
    let rest = beside;
    if (text.length > LONG) {
      rest = joined(text, beside);
      setBeside(rest);
    } else {
      const { value, selectionStart, selectionEnd } = field;
      field.value = joined(text, value);
      const by = field.value.length - value.length;
      // The user is typing on.
      if (value) field.setSelectionRange(selectionStart + by, selectionEnd + by);
    }
    changed();
    return joined(field.value, rest);
  };
  const save = () => {
    clearTimeout(timer.current);
    const last = unsaved.current;
    unsaved.current = null;
    if (last) actions.draft(last.tab, last.text);
  };
  const keep = (text = whole()) => {
    clearTimeout(timer.current);
    unsaved.current = { tab: chat.tabs.current, text };
    timer.current = setTimeout(save, PAUSE);
  };
  useLayoutEffect(() => {
    actions.unsaved.add(save);
    return () => {
      actions.unsaved.delete(save);
      save();
    };
  }, []);
  useEffect(() => props.onText(whole()), [beside]);
  useEffect(() => props.onValues(filling.values), [filling.values]);

  useEffect(() => {
    if (!drafts) return;
    if (refused) keep(put(draft));
    // Do not replace what the user is typing.
    else if (!whole()) put(draft);
  }, [drafts]);

  // A prompt that is to be sent at once is, if it was chosen here and lacks nothing.
  useEffect(() => {
    if (!prompt || prompt.locked || taken.current !== prompt.name) return;
    taken.current = "";
    if (prompt.submit && prompt.asks && !missing(prompt.variables, {}).length) send();
  }, [prompt]);

  const clear = () => {
    clearTimeout(timer.current);
    unsaved.current = null;
    walk.current = null;
    if (box.current) box.current.value = "";
    setBeside("");
    changed();
  };

  const submit = async () => {
    const text = box.current?.value ?? "";
    const slashes = text.startsWith("/") && !beside;
    // Typed faster than the kernel says which there are.
    const commands = slashes ? await actions.commands().catch(() => []) : [];
    if (text !== box.current?.value) return;
    const command = commandOf(text, commands);
    if (!command) {
      send(commands);
      return;
    }
    clear();
    actions.draft(chat.tabs.current, "");
    running.run(command, text);
  };

  const send = (commands: readonly SlashData[] = []) => {
    const text = whole();
    if (busy || prompt?.locked) return;
    const sends = text.trim() || prompt?.asks || attachments.length > 0;
    if (!sends || !filling.ready()) return;
    const why = unready(attachments) ?? refusal(text);
    if (why) {
      setTrouble(why);
      return;
    }
    const meant = mistyped(text, commands);
    if (meant && trouble?.anyway !== text) {
      const message = `There is no command ${text.split(/\s/, 1)[0]}; did you mean /${meant}?`;
      setTrouble({ message, hint: "Enter sends it as a text.", anyway: text });
      return;
    }
    clear();
    actions.send(
      text,
      attachments.map(({ id }) => id),
      prompt ? { values: filling.values } : undefined,
    );
    focus();
  };

  const lead = async (by: 1 | -1) => {
    const field = box.current;
    if (!field) return;
    if (!walk.current) {
      if (by < 0) return;
      const before = field.value;
      const inputs = await actions.inputs().catch(() => []);
      // The user has typed on meanwhile.
      if (field.value !== before) return;
      walk.current = start(inputs, before);
    }
    const next = step(walk.current, by);
    if (next === walk.current) return;
    walk.current = next.at < 0 ? null : next;
    field.value = shown(next);
    const end = by > 0 ? 0 : field.value.length;
    field.setSelectionRange(end, end);
    changed();
    keep();
  };

  const onKeyDown = (event: KeyboardEvent) => {
    if (isTyping(event) || undoes(event) || list.onKey(event)) return;
    const field = event.currentTarget as HTMLTextAreaElement;
    const { key, shiftKey, altKey, ctrlKey, metaKey } = event;
    const plain = !shiftKey && !altKey && !ctrlKey && !metaKey;
    const caret = field.selectionStart === field.selectionEnd && field.selectionEnd;
    if (key === "Enter") {
      event.preventDefault();
      if (shiftKey || altKey) breakLine(field);
      else void submit();
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
    // What has a text too, such as cells of a sheet, is pasted as that.
    const files = text ? [] : [...(event.clipboardData?.files ?? [])];
    if (text.length > LONG)
      files.push(new File([text], "Pasted text.txt", { type: "text/plain" }));
    if (files.length === 0) return;
    event.preventDefault();
    props.onFiles(files);
  };

  const empty = !typed.trim() && !beside && attachments.length === 0;
  const nothing = (empty && !prompt?.asks) || prompt?.locked === true;
  return (
    <form
      class="pl-composer"
      data-foot
      onSubmit={(event) => {
        event.preventDefault();
        void submit();
      }}
    >
      {prompt && (
        <Chip
          {...{ prompt, filling, link }}
          onRemove={() => {
            actions.choosePrompt("");
            focus();
          }}
        />
      )}
      <Attached
        {...{ attachments, uploads, actions }}
        tabs={chat.tabs}
        blind={blind ?? null}
        onRemoved={focus}
      />
      {beside !== "" && (
        <div class="pl-pasted">
          <span class="pl-pasted-words" dir="auto">
            {beside.slice(0, 120)}
          </span>
          <span class="pl-quiet">Long text, {bytes(beside.length)}</span>
          <IconButton
            icon="close"
            label="Remove long text"
            onClick={() => {
              setBeside("");
              keep(box.current?.value);
              setTrouble(null);
              focus();
            }}
          />
        </div>
      )}
      {trouble && (
        <div class="pl-composer-problem" role="alert">
          {trouble.message} {trouble.hint}
        </div>
      )}
      <textarea
        key="text"
        ref={box}
        class="pl-composer-text"
        rows={1}
        dir="auto"
        aria-label="Message"
        {...list.aria}
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
      {slash.command && (
        <div class="pl-composer-usage" role="status">
          <code>{usage(slash.command)}</code> {slash.command.help}
        </div>
      )}
      <Suggestions list={list} />
      <Mentioned
        mentions={mentioned.filter(
          // It is not whole yet.
          ({ path, problem }) => !problem || path !== mentions.offer?.query,
        )}
      />
      <input
        ref={picker}
        type="file"
        multiple
        hidden
        aria-label="Files to attach"
        onChange={(event) => {
          const field = event.currentTarget;
          props.onFiles([...(field.files ?? [])]);
          // The same file may be picked again.
          field.value = "";
          focus();
        }}
      />
      <div class="pl-composer-foot">
        <IconButton
          icon="attach"
          label="Attach files"
          onClick={() => picker.current?.click()}
        />
        {children}
        {busy ? (
          <StopButton stop={stop} heard={heard} onStop={actions.stop} />
        ) : (
          <button
            type="submit"
            class="pl-round"
            aria-label="Send"
            title="Send (Enter)"
            disabled={nothing || trouble?.blocks === true}
          >
            <Icon name="send" />
          </button>
        )}
      </div>
      <Confirmation running={running} />
      <Proposed running={running} />
      <SlashHelp
        commands={slash.commands}
        about={help}
        onClose={() => {
          setHelp(null);
          focus();
        }}
      />
    </form>
  );
}

const joined = (...texts: string[]) => texts.filter((text) => text.trim()).join("\n\n");

/** Why a text cannot be sent. */
function refusal(text: string): Trouble | null {
  const message = tooLong(text);
  const hint = "Shorten it, or ask in a cell with {{a variable}}.";
  return message ? { message, hint, blocks: true } : null;
}

/** Why attachments cannot be sent yet. */
function unready(attachments: ChatModel["attached"]["attachments"]): Trouble | null {
  const late = attachments.find(({ state }) => state !== "ready");
  if (!late) return null;
  return late.state === "failed"
    ? { message: `${late.name} cannot be sent.`, hint: "Remove it." }
    : {
        message: `${late.name} is still being read.`,
        hint: "Wait for it, or remove it.",
      };
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
