import { Component } from "preact";
import { useState } from "preact/hooks";
import { isOpen } from "../message/answer";
import { bytes } from "../ui/amounts";
import { IconButton } from "../ui/Button";
import { CopyButton, DeleteButton } from "./buttons";
import { Columns } from "./Columns";
import { Edit } from "./Edit";
import { Foot } from "./Foot";
import { Reply } from "./Reply";
import { TurnAttached } from "./TurnAttached";
import { keyOf, type TurnProps } from "./turn-props";
import { useEdit } from "./use-edit";

/** A question and its answer, rendered again only if they have changed. */
export class Turn extends Component<TurnProps> {
  override shouldComponentUpdate(next: TurnProps) {
    const { turn, busy, following, beside } = this.props;
    return (
      next.turn !== turn ||
      next.busy !== busy ||
      next.following !== following ||
      next.beside !== beside
    );
  }

  override render(props: TurnProps) {
    const { turn, beside, following } = props;
    const newest = following ? "" : " pl-newest";
    return (
      <article
        class={`pl-turn${newest}${beside ? " pl-turn-wide" : ""}`}
        aria-label={`Question: ${turn.question.slice(0, 80)}`}
      >
        <Question {...props} />
        {beside ? <Columns {...props} other={beside} /> : <Answer {...props} />}
      </article>
    );
  }
}

function Answer(props: TurnProps) {
  const { turn, busy, actions } = props;
  const edit = useEdit(actions, `${keyOf(turn)} answer`);
  if (edit.draft !== null && !isOpen(turn)) {
    return (
      <div class="pl-reply">
        <Edit
          label="Edit answer"
          text={turn.text}
          draft={edit.draft}
          hint="Markdown. Later questions are sent with the new text."
          busy={busy}
          isNew={edit.isNew}
          onDraft={edit.write}
          onSave={async (text) => {
            if (await actions.amend(turn.id, { answer: text })) edit.end();
          }}
          onCancel={edit.end}
        />
      </div>
    );
  }
  const begin = async () => edit.begin((await actions.read(turn.id)).text);
  return (
    <div class={`pl-reply pl-${turn.state}`} aria-busy={isOpen(turn)}>
      <Reply {...props} />
      {!isOpen(turn) && <Foot {...props} onEdit={begin} />}
    </div>
  );
}

function Question({ turn, following, busy, actions, onRemove }: TurnProps) {
  const edit = useEdit(actions, `${keyOf(turn)} question`);
  const [open, setOpen] = useState(false);
  const [whole, setWhole] = useState<string | null>(null);
  const text = whole ?? turn.question;
  const size = turn.question_length;
  const cut = size > text.length;
  const long = size > 1200 || text.split("\n", 16).length > 15;
  const read = () => (cut ? actions.read(turn.id).then((all) => all.question) : text);
  if (edit.draft !== null) {
    const end = () => {
      edit.end();
      setWhole(null);
    };
    return (
      <Edit
        label="Edit question"
        text={text}
        draft={edit.draft}
        hint={
          following || turn.text
            ? "Asking begins a branch: what is here now stays, as an alternative."
            : ""
        }
        busy={busy}
        isNew={edit.isNew}
        onDraft={edit.write}
        onAsk={(next) => {
          end();
          actions.edit(turn.id, next);
        }}
        onSave={async (next) => {
          if (await actions.amend(turn.id, { question: next })) end();
        }}
        onCancel={end}
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
            onClick={async () => {
              const all = await read();
              setWhole(all);
              edit.begin(all);
            }}
          />
          <Delete turn={turn} onRemove={onRemove} />
        </div>
        <TurnAttached turn={turn} actions={actions} />
        {turn.cell && <span class="pl-quiet">asked in a cell</span>}
      </div>
    </div>
  );
}

/** What is on disk can be put back; what is not is deleted with the second press. */
function Delete({ turn, onRemove }: Pick<TurnProps, "turn" | "onRemove">) {
  const remove = () => onRemove(turn.id);
  const label = "Delete question and answer";
  if (turn.id < 0) return <DeleteButton label={label} onDelete={remove} />;
  return <IconButton icon="trash" label={label} onClick={remove} />;
}
