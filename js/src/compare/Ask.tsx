import type { Signal } from "@preact/signals-core";
import { useEffect, useState } from "preact/hooks";
import { Button } from "../ui/Button";
import { Field } from "../ui/Field";
import type { Actions } from "./actions";
import { type CompareModel, isBusy } from "./reducer";

interface Props {
  compare: CompareModel;
  /** Gets what is typed. */
  draft: Signal<string>;
  actions: Actions;
}

/** The field for a question to all models. */
export function Ask({ compare, draft, actions }: Props) {
  const { columns, heard } = compare;
  const [text, setText] = useState("");
  useEffect(() => {
    draft.value = text;
  }, [text]);
  const busy = isBusy(compare);
  const off = busy || !columns.length || !text.trim() || heard === false;
  const ask = async () => {
    if (off) return;
    const asked = text;
    setText("");
    // A refused question goes back into the field.
    if (!(await actions.ask(asked))) setText((now) => now || asked);
  };
  const count = columns.length;
  return (
    <form
      class="pl-ask"
      onSubmit={(event) => {
        event.preventDefault();
        void ask();
      }}
    >
      <Field
        label="Question"
        hideLabel
        kind="area"
        lines={[1, 10]}
        value={text}
        placeholder={
          count
            ? `Ask ${count === 1 ? "this model" : `these ${count} models`}`
            : "Add a model first"
        }
        onInput={setText}
        onKeyDown={(event) => {
          if (event.key !== "Enter" || event.shiftKey || event.altKey) return;
          event.preventDefault();
          void ask();
        }}
      />
      <Button
        label={count > 1 ? "Ask all" : "Ask"}
        icon="send"
        kind="primary"
        disabled={off}
        onClick={ask}
      />
    </form>
  );
}
