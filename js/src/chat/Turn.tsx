import { Component } from "preact";
import { useLayoutEffect, useRef, useState } from "preact/hooks";
import type { PartLink } from "../connection";
import { isOpen } from "../message/answer";
import { Problem } from "../message/Problem";
import { Thinking } from "../message/Thinking";
import { Waiting } from "../message/Waiting";
import type { TurnData } from "../protocol";
import { AddKey, UnlockVault } from "../ui/AddKey";
import { bytes } from "../ui/amounts";
import { Button, IconButton } from "../ui/Button";
import { isLocked } from "../ui/Failed";
import type { Actions } from "./actions";
import type { KeptAnswers } from "./answer-cache";
import { CopyButton, DeleteButton } from "./buttons";
import { Edit } from "./Edit";
import { TurnAttached } from "./TurnAttached";

export interface TurnProps {
  turn: TurnData;
  /** How many turns come after it. */
  following: number;
  /** Another question is being answered. */
  busy: boolean;
  actions: Actions;
  kept: KeptAnswers;
  link: PartLink;
}

export const keyOf = ({ id, created }: Pick<TurnData, "id" | "created">) =>
  `${id}:${created}`;

/** A question and its answer, rendered again only if they have changed. */
export class Turn extends Component<TurnProps> {
  override shouldComponentUpdate(next: TurnProps) {
    const { turn, busy, following } = this.props;
    return next.turn !== turn || next.busy !== busy || next.following !== following;
  }

  override render(props: TurnProps) {
    const { turn } = props;
    const answered = turn.text || turn.thinking;
    return (
      <article
        class={props.following ? "pl-turn" : "pl-turn pl-newest"}
        aria-label={`Question: ${turn.question.slice(0, 80)}`}
      >
        <Question {...props} />
        <div class={`pl-reply pl-${turn.state}`} aria-busy={isOpen(turn)}>
          {turn.thinking && (
            <Thinking
              text={turn.thinking}
              active={isOpen(turn) && !turn.text}
              final={!isOpen(turn)}
              link={props.link}
            />
          )}
          {isOpen(turn) && !answered && (
            <Waiting model={turn.model} notice={turn.notice} progress={turn.progress} />
          )}
          {turn.text && <Text turn={turn} kept={props.kept} />}
          {isOpen(turn) && answered && turn.notice && (
            <div class="pl-notice">{turn.notice}</div>
          )}
          {turn.error && <Broken {...props} />}
          {turn.state === "unfinished" && (
            <div class="pl-quiet">
              Unfinished: its kernel ended, or another kernel is still writing it.
            </div>
          )}
          {!isOpen(turn) && <Foot {...props} />}
        </div>
      </article>
    );
  }
}

function Text({ turn, kept }: Pick<TurnProps, "turn" | "kept">) {
  const box = useRef<HTMLDivElement>(null);
  const key = keyOf(turn);
  const answer = useRef<ReturnType<KeptAnswers["mount"]>>(undefined);
  useLayoutEffect(() => {
    if (box.current) answer.current = kept.mount(key, box.current);
    return () => kept.unmount(key);
  }, [key, kept]);
  // Synchronously, so that the next frame shows the text.
  useLayoutEffect(() => answer.current?.update(turn.text, !isOpen(turn)));
  return <div class="pl-text" ref={box} />;
}

function Question({ turn, following, busy, actions }: TurnProps) {
  const [editing, setEditing] = useState<string | null>(null);
  const [open, setOpen] = useState(false);
  const [whole, setWhole] = useState<string | null>(null);
  const text = whole ?? turn.question;
  const size = turn.question_length;
  const cut = size > text.length;
  const long = size > 1200 || text.split("\n", 16).length > 15;
  const read = () => (cut ? actions.read(turn.id).then((all) => all.question) : text);
  if (editing !== null) {
    return (
      <Edit
        text={editing}
        following={following}
        busy={busy}
        onAsk={(next) => {
          setEditing(null);
          setWhole(null);
          actions.edit(turn.id, next);
        }}
        onCancel={() => setEditing(null)}
      />
    );
  }
  return (
    <div class="pl-asked">
      <div
        class={long && !open ? "pl-question pl-clipped" : "pl-question"}
        dir="auto"
        {...(open ? { tabIndex: 0, role: "group", "aria-label": "Question" } : {})}
      >
        {text}
      </div>
      <div class="pl-asked-foot">
        {long && (
          <button
            type="button"
            class="pl-link"
            aria-expanded={open}
            onClick={async () => {
              if (!open && cut) setWhole(await read());
              setOpen(!open);
            }}
          >
            {open ? "Show less" : cut ? `Show all (${bytes(size)})` : "Show all"}
          </button>
        )}
        <div class="pl-tools">
          <CopyButton label="Copy question" text={read} />
          <IconButton
            icon="edit"
            label="Edit question"
            disabled={busy}
            onClick={async () => setEditing(await read())}
          />
          <DeleteButton
            label="Delete question and answer"
            onDelete={() => actions.remove(turn.id)}
          />
        </div>
        <TurnAttached turn={turn} actions={actions} />
        {turn.cell && <span class="pl-quiet">asked in a cell</span>}
      </div>
    </div>
  );
}

function Broken({ turn, busy, actions, link }: TurnProps) {
  if (!turn.error) return null;
  const retry = () => actions.retry(turn.id);
  const { missing_key: key } = turn.error;
  return (
    <Problem error={turn.error}>
      {turn.state !== "failed" && (
        <div class="pl-error-hint">The earlier answer was kept.</div>
      )}
      <div class="pl-error-actions">
        {key && <AddKey name={key} link={link} onAdded={retry} />}
        {isLocked(turn.error) && <UnlockVault link={link} onUnlocked={retry} />}
        <Button
          label="Try again"
          icon="retry"
          size="small"
          disabled={busy}
          onClick={retry}
        />
      </div>
    </Problem>
  );
}

function Foot({ turn, busy, actions }: TurnProps) {
  return (
    <div class="pl-reply-foot">
      <span class="pl-quiet pl-footer">{turn.footer}</span>
      <div class="pl-tools">
        {turn.text && <CopyButton label="Copy answer" text={() => turn.text} />}
        {turn.state !== "failed" && (
          <IconButton
            icon="retry"
            label="Ask again"
            disabled={busy}
            onClick={() => actions.retry(turn.id)}
          />
        )}
      </div>
    </div>
  );
}
