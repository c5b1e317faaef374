import { useEffect, useState } from "preact/hooks";
import { Button, Dialog, Dots, Problem } from "../kit";
import type { Failure } from "../protocol";
import type { Actions } from "./actions";
import { copied } from "./copying";
import { useClock } from "./timing";
import { secondsUntil } from "./words";

interface Props {
  can: Actions;
  name: string;
  onClose: () => void;
}

/** Milliseconds for which a value is shown. */
const SHOWN = 10_000;

const TICK = 200;

/** A value for a short while. It is in the page only while this is. */
export function Reveal({ can, name, onClose }: Props) {
  const [value, setValue] = useState<string | null>(null);
  const [until, setUntil] = useState(0);
  const [problem, setProblem] = useState<Failure | null>(null);
  const [said, setSaid] = useState("");
  useEffect(() => {
    const ending = new AbortController();
    const { signal } = ending;
    can.reveal(name, signal).then(({ result, error }) => {
      if (signal.aborted) return;
      if (error) setProblem(error);
      else {
        setUntil(Date.now() + SHOWN);
        setValue(result);
      }
    });
    // Whoever leaves the page does not see who looks at it.
    window.addEventListener("blur", onClose, { signal });
    window.addEventListener("pagehide", onClose, { signal });
    document.addEventListener("visibilitychange", onClose, { signal });
    return () => ending.abort();
  }, []);
  const shown = value !== null;
  useEffect(() => {
    if (!shown) return;
    const timer = setTimeout(onClose, SHOWN);
    return () => clearTimeout(timer);
  }, [shown]);
  const left = useClock((now) => secondsUntil(until, now), TICK);
  const copy = async () => {
    if (value === null) return;
    setSaid(
      (await copied(value))
        ? "Copied. It stays in the clipboard until you copy something else."
        : "This page may not copy: select it and press Ctrl+C or ⌘C.",
    );
  };
  return (
    <Dialog
      title={name}
      open
      onClose={onClose}
      actions={
        <>
          <span class="pl-quiet pl-vault-hides" role="timer">
            {shown && left > 0 && `Hidden in ${left} s`}
          </span>
          <Button label="Copy" icon="copy" disabled={!shown} onClick={copy} />
          <Button label="Hide" icon="hidden" kind="primary" onClick={onClose} />
        </>
      }
    >
      {shown && (
        <textarea
          class="pl-input pl-input-code pl-vault-value"
          aria-label={`Value of ${name}`}
          rows={Math.min(10, Math.max(2, value.split("\n").length))}
          readOnly
          autocomplete="off"
          spellcheck={false}
          value={value}
        />
      )}
      {!shown && !problem && (
        <div class="pl-vault-wait" role="status">
          <Dots /> Asking the kernel for it…
        </div>
      )}
      {problem && <Problem error={problem} />}
      <div class="pl-quiet" role="status">
        {said}
      </div>
    </Dialog>
  );
}
