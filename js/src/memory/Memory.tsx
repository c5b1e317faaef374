import { useRef } from "preact/hooks";
import {
  Banner,
  Button,
  Field,
  type Lost,
  Problem,
  Switch,
  useKeptFocus,
} from "../kit";
import type { Actions } from "./actions";
import { Proposal } from "./Proposal";
import { Rewrite } from "./Rewrite";
import { isOvertaken, type MemoryModel, textOf } from "./reducer";

interface Props {
  model: MemoryModel;
  can: Actions;
}

const isConflict = (problem: MemoryModel["problem"]) =>
  problem?.code === "changed-elsewhere";

const amount = (count: number) => count.toLocaleString("en");

/** The text itself, saved when the user says so. */
function Editor({ model, can, disabled }: Props & { disabled: boolean }) {
  const { memory, draft, problem } = model;
  const text = textOf(model);
  const longest = memory?.longest ?? 0;
  const overtaken = isOvertaken(model) || isConflict(problem);
  const tooLong =
    text.length > longest
      ? `${amount(text.length)} characters, and ${amount(longest)} are allowed.`
      : undefined;
  const wrong = problem?.field === "text" ? problem : null;
  const said = wrong && [wrong.message, wrong.hint].filter(Boolean).join(" ");
  const save = () => {
    if (draft && !disabled && !tooLong) void can.save(overtaken);
  };
  return (
    <section
      class="pl-memory-editor"
      aria-label="Text of the memory"
      onKeyDown={(event) => {
        if (event.key === "s" && (event.ctrlKey || event.metaKey)) {
          event.preventDefault();
          event.stopPropagation();
          if (!overtaken) save();
        }
      }}
    >
      <Field
        kind="area"
        label="What new conversations know of you"
        lines={[6, 24]}
        value={text}
        placeholder={"- Works as a nurse\n- Likes short answers"}
        error={tooLong ?? said ?? undefined}
        hint={
          text
            ? `${amount(text.length)} of ${amount(longest)} characters. ` +
              "Sent with every question of a conversation that has taken it. Stored unencrypted."
            : "It is empty, so nothing is sent. What you write is stored unencrypted."
        }
        onInput={can.typed}
      />
      {draft && overtaken && (
        <Banner
          kind="warning"
          message="The memory was changed elsewhere meanwhile."
          hint="Nothing is lost: what is replaced can be undone."
        >
          <Button
            label="Take the other"
            size="small"
            onClick={() => {
              can.forgive();
              can.discard();
            }}
          />
        </Banner>
      )}
      <div class="pl-memory-ways">
        <Button
          label={overtaken && draft ? "Save mine on top" : "Save"}
          kind="primary"
          icon="check"
          disabled={!draft || disabled || Boolean(tooLong)}
          onClick={save}
        />
        <Button label="Discard" disabled={!draft} onClick={can.discard} />
        <span class="pl-memory-gap" />
        <Button
          label="Undo"
          kind="quiet"
          title="Undo the last change of the memory"
          disabled={!memory?.can_undo || Boolean(draft) || disabled}
          onClick={() => void can.undo()}
        />
        <Button
          label="Redo"
          kind="quiet"
          title="Take the last undo back"
          disabled={!memory?.can_redo || Boolean(draft) || disabled}
          onClick={() => void can.redo()}
        />
      </div>
    </section>
  );
}

/** The field of what was pressed, or the one in which a change is asked for. */
const nextFocus = ({ near }: Lost, view: HTMLElement) =>
  near.closest(".pl-memory-editor")?.querySelector("textarea") ??
  view.querySelector<HTMLElement>(".pl-memory-rewrite input");

export function Memory({ model, can }: Props) {
  const { memory, draft, problem, heard } = model;
  const disabled = heard === false;
  const box = useRef<HTMLElement>(null);
  useKeptFocus(box, nextFocus);
  // The editor shows its own.
  const own = draft && (problem?.field === "text" || isConflict(problem));
  return (
    <section class="pl-view pl-memory" aria-label="Memory" ref={box}>
      {disabled && (
        <div class="pl-notice">Changes take effect when the running cell ends.</div>
      )}
      {memory ? (
        <>
          <Switch
            label="Memory in new conversations"
            on={memory.on}
            disabled={disabled}
            hint={
              memory.on
                ? "A conversation takes it with its first question, and keeps it."
                : "New conversations begin without it."
            }
            onChange={(on) => void can.switched(on)}
          />
          {memory.problem && <Problem error={memory.problem} />}
          {problem && !own && <Problem error={problem} onDismiss={can.forgive} />}
          <Rewrite memory={memory} can={can} disabled={disabled} />
          {memory.proposal && (
            <Proposal proposal={memory.proposal} can={can} disabled={disabled} />
          )}
          <Editor model={model} can={can} disabled={disabled} />
        </>
      ) : (
        <div class="pl-quiet" role="status">
          Asking the kernel…
        </div>
      )}
    </section>
  );
}
