import { useState } from "preact/hooks";
import { Bar, Button, Field, Problem, Switch } from "../kit";
import type { MemoryData } from "../protocol";
import type { Actions } from "./actions";

interface Props {
  memory: MemoryData;
  can: Actions;
  disabled: boolean;
}

/** Where one types what is to be remembered or forgotten. */
export function Rewrite({ memory, can, disabled }: Props) {
  const [text, setText] = useState("");
  const [plain, setPlain] = useState(false);
  const [stopping, setStopping] = useState(false);
  const { working, failure } = memory;
  const off = disabled || Boolean(working);
  const rewrite = async (verb: "remember" | "forget") => {
    if (off || !text.trim()) return;
    setStopping(false);
    if (await can.rewrite(verb, text, plain)) setText("");
  };
  return (
    <section class="pl-memory-rewrite" aria-label="Remember or forget">
      <Field
        label="Remember or forget"
        value={text}
        placeholder="I moved to Bergen"
        hint="In your words. You see the change before it is taken."
        onInput={setText}
        onKeyDown={(event) => {
          if (event.key !== "Enter") return;
          event.preventDefault();
          void rewrite("remember");
        }}
      />
      <div class="pl-memory-ways">
        <Button
          label="Remember"
          icon="plus"
          kind="primary"
          disabled={off || !text.trim()}
          onClick={() => void rewrite("remember")}
        />
        <Button
          label="Forget"
          icon="trash"
          disabled={off || !text.trim()}
          onClick={() => void rewrite("forget")}
        />
        <Switch
          label="Without a model"
          on={plain}
          hint="Adds the text as a line, or removes the lines that have it."
          onChange={setPlain}
        />
      </div>
      {working && (
        <div class="pl-memory-working" role="status">
          <Bar label={working} part={null} />
          <span class="pl-quiet">
            {stopping ? "Stopping…" : `A model rewrites the memory: ${working}`}
          </span>
          <Button
            label="Stop"
            icon="stop"
            size="small"
            disabled={stopping}
            onClick={() => {
              setStopping(true);
              can.stop();
            }}
          />
        </div>
      )}
      {!working && failure && <Problem error={failure} />}
    </section>
  );
}
