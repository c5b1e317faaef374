import { effect, type Signal } from "@preact/signals-core";
import { Component } from "preact";
import { useEffect, useLayoutEffect, useRef, useState } from "preact/hooks";
import { CopyButton } from "../chat/buttons";
import type { PartLink } from "../connection";
import { Markdown } from "../markdown/Markdown";
import { isOpen, type Stop } from "../message/answer";
import { Sent } from "../message/Sent";
import { Thinking } from "../message/Thinking";
import { Waiting } from "../message/Waiting";
import type { Failure } from "../protocol";
import { AddKey, UnlockVault } from "../ui/AddKey";
import { Problem } from "../ui/Banner";
import { Button, IconButton } from "../ui/Button";
import { Disclosure } from "../ui/Disclosure";
import { Dots } from "../ui/Dots";
import { isLocked } from "../ui/Failed";
import { Icon } from "../ui/icons";
import { scrolling } from "../ui/scrolling";
import type { Actions } from "./actions";
import { figures, parts } from "./figures";
import type { Column as ColumnModel } from "./reducer";

export interface ColumnProps {
  column: ColumnModel;
  stop: Stop;
  heard: boolean | null;
  lasting: boolean;
  /** The next question, as far as it is typed. */
  draft: Signal<string>;
  actions: Actions;
  link: PartLink;
}

const SAID: Record<ColumnModel["state"], string> = {
  idle: "is waiting for a question",
  waiting: "has been asked",
  streaming: "is answering",
  done: "has answered",
  stopped: "was stopped",
  failed: "failed",
  unfinished: "is not finished",
};

/** Pixels from the end within which a reader counts as being there. */
const NEAR = 24;

/** One model's answer, rendered again only if it has changed. */
export class Column extends Component<ColumnProps> {
  override shouldComponentUpdate(next: ColumnProps) {
    const { column, stop, heard, lasting } = this.props;
    return (
      next.column !== column ||
      next.stop !== stop ||
      next.heard !== heard ||
      next.lasting !== lasting
    );
  }

  override render(props: ColumnProps) {
    const { column, actions } = props;
    const { id, model, state } = column;
    const picked = column.picked ? " pl-column-picked" : "";
    const onKeyDown = (event: KeyboardEvent) => {
      if (event.key === "Escape" && isOpen(column) && props.heard !== false) {
        event.preventDefault();
        event.stopPropagation();
        actions.stop(id);
      }
      lead(event);
    };
    return (
      <section
        class={`pl-column pl-column-${state}${picked}`}
        aria-label={`${model} ${SAID[state]}`}
        aria-busy={isOpen(column)}
        onKeyDown={onKeyDown}
      >
        <Head {...props} />
        <Body {...props} />
        <Foot {...props} />
        <Preview {...props} />
      </section>
    );
  }
}

function Head({ column, stop, heard, lasting, actions }: ColumnProps) {
  const { id, model, state } = column;
  const [provider, name] = parts(model);
  const open = isOpen(column);
  const found = figures(column);
  return (
    <header class="pl-column-head">
      <div class="pl-column-title">
        <h3 class="pl-column-model" title={model}>
          <span class="pl-column-provider">{provider}</span>
          {name}
        </h3>
        {state === "streaming" && <Dots />}
        {state === "failed" && <Icon name="error" class="pl-column-failed-mark" />}
        {column.picked && <Icon name="check" class="pl-column-picked-mark" />}
        <div class="pl-column-tools">
          {open && heard !== false && stop !== "late" && (
            <IconButton
              label={stop === "asked" ? `Stopping ${model}` : `Stop ${model} (Esc)`}
              icon="stop"
              disabled={stop === "asked"}
              onClick={() => actions.stop(id)}
            />
          )}
          {!open && state !== "idle" && (
            <IconButton
              label={`Ask ${model} again`}
              icon="retry"
              onClick={() => actions.rerun(id)}
            />
          )}
          {lasting && (
            <IconButton
              label={`Remove ${model}`}
              icon="close"
              onClick={() => actions.remove(id)}
            />
          )}
        </div>
      </div>
      <dl class="pl-figures">
        {found.map(({ name, value }) => (
          <div key={name}>
            <dt>{name}</dt>
            <dd>{value}</dd>
          </div>
        ))}
      </dl>
    </header>
  );
}

function Body({ column, stop, heard, actions, link }: ColumnProps) {
  const { model, text, thinking, error, state } = column;
  const open = isOpen(column);
  const { rerun } = actions;
  const box = useRef<HTMLDivElement>(null);
  const atEnd = useRef(true);
  const inside = useRef<HTMLDivElement>(null);
  // A reader at the end stays there, whatever makes the text longer.
  useLayoutEffect(() => {
    if (!open || !inside.current) return;
    atEnd.current = true;
    const watch = new ResizeObserver(() => {
      if (atEnd.current && box.current)
        box.current.scrollTop = box.current.scrollHeight;
    });
    watch.observe(inside.current);
    return () => watch.disconnect();
  }, [open]);
  const late = open && (heard === false || stop === "late");
  return (
    <div
      class="pl-column-body"
      ref={box}
      {...scrolling(`Answer of ${model}`)}
      onScroll={({ currentTarget: at }) => {
        atEnd.current = at.scrollHeight - at.scrollTop - at.clientHeight < NEAR;
      }}
    >
      <div ref={inside}>
        {" "}
        {thinking && (
          <Thinking text={thinking} active={open && !text} final={!open} link={link} />
        )}
        {open && !text && !thinking && (
          <Waiting model="" notice={column.notice} progress={column.progress} />
        )}
        {text && <Markdown text={text} final={!open} link={link} />}
        {open && (text || thinking) && column.notice && (
          <div class="pl-notice">{column.notice}</div>
        )}
        {error && <Problem error={error} />}
        {error && <Mend error={error} link={link} again={() => rerun(column.id)} />}
        {!open && !error && state !== "idle" && !text && (
          <div class="pl-quiet">No text arrived.</div>
        )}
        {state === "idle" && <div class="pl-quiet">Waiting for a question.</div>}
        {late && <div class="pl-quiet">Interrupt the kernel to stop.</div>}
      </div>{" "}
    </div>
  );
}

interface MendProps {
  error: Failure;
  link: PartLink;
  again: () => void;
}

/** The button for what a column misses; once that is there, it asks its model again. */
function Mend({ error, link, again }: MendProps) {
  const props = { link, again: "Ask again" };
  if (error.missing_key)
    return <AddKey {...props} name={error.missing_key} onAdded={again} />;
  return isLocked(error) ? <UnlockVault {...props} onUnlocked={again} /> : null;
}

function Foot({ column, lasting, actions }: ColumnProps) {
  const { id, model, text, picked, ending, state } = column;
  if (isOpen(column) || (!text && !ending)) return null;
  const kept = picked ? `${model} is picked` : `Pick ${model}`;
  return (
    <footer class="pl-column-foot">
      <span class="pl-quiet pl-column-ending">{state === "failed" ? "" : ending}</span>
      {text && <CopyButton label={`Copy the answer of ${model}`} text={() => text} />}
      {text && lasting && (
        <Button
          label="Continue in chat"
          title={`Keep the answer of ${model} and continue in its conversation`}
          size="small"
          kind="quiet"
          icon="chat"
          onClick={() => actions.chat(id)}
        />
      )}
      {text && (
        <Button
          label={picked ? "Picked" : "Pick"}
          title={`${kept}: it is a turn of the conversation`}
          size="small"
          kind={picked ? "quiet" : "plain"}
          icon="check"
          disabled={picked}
          onClick={() => actions.pick(id)}
        />
      )}
    </footer>
  );
}

/** A fold with what the column's model would be sent, asked for while it is open. */
function Preview({ column, draft, actions, link }: ColumnProps) {
  const [open, setOpen] = useState(false);
  return (
    <div class="pl-column-sent">
      <Disclosure label="What is sent" note={`to ${column.model}`} onToggle={setOpen}>
        {open && <Drafted {...{ column, draft, actions, link }} />}
      </Disclosure>
    </div>
  );
}

function Drafted({
  column,
  draft,
  actions,
  link,
}: Omit<ColumnProps, "stop" | "heard" | "lasting">) {
  const [text, setText] = useState(() => draft.peek());
  useEffect(() => effect(() => setText(draft.value)), [draft]);
  return (
    <Sent
      of={JSON.stringify([text, column.model, column.state])}
      link={link}
      load={(signal) => actions.preview(column.id, text, signal)}
    />
  );
}

/** Left and Right move the focus between the columns' texts. */
function lead(event: KeyboardEvent): void {
  const by = { ArrowLeft: -1, ArrowRight: 1 }[event.key];
  const body = event.target as HTMLElement;
  if (!by || !body.classList.contains("pl-column-body")) return;
  if (event.shiftKey || event.altKey || event.ctrlKey || event.metaKey) return;
  event.preventDefault();
  event.stopPropagation();
  const all = body.closest(".pl-columns")?.querySelectorAll(".pl-column-body") ?? [];
  const next = [...all][[...all].indexOf(body) + by];
  (next as HTMLElement | undefined)?.focus();
}
