import { useEffect, useLayoutEffect, useRef, useState } from "preact/hooks";
import { Button, IconButton } from "../ui/Button";

/** Milliseconds for which a button says what came of it, or waits for a second click. */
const SAID = 2000;
const SURE = 4000;

/** What is shown for a while: `show` begins it anew. */
function useMoment<T>(length: number, nothing: T): [T, (value: T) => void] {
  const [value, setValue] = useState(nothing);
  const timer = useRef<ReturnType<typeof setTimeout>>(undefined);
  useEffect(() => () => clearTimeout(timer.current), []);
  const show = (next: T) => {
    clearTimeout(timer.current);
    setValue(next);
    timer.current = setTimeout(() => setValue(nothing), length);
  };
  return [value, show];
}

interface Copy {
  label: string;
  text: () => string | Promise<string>;
}

export function CopyButton({ label, text }: Copy) {
  const [said, say] = useMoment(SAID, "");
  const copy = async () => {
    try {
      // Absent on plain http; refused without the permission.
      await navigator.clipboard.writeText(await text());
      say("Copied");
    } catch {
      say("This page does not allow copying: select the text instead");
    }
  };
  return (
    <>
      <IconButton
        icon={said === "Copied" ? "check" : "copy"}
        label={said || label}
        onClick={copy}
      />
      <span class="pl-hidden" role="status">
        {said}
      </span>
    </>
  );
}

interface Delete {
  label: string;
  onDelete: () => void;
}

/** Deletes with the second press, since there is no way back. */
export function DeleteButton({ label, onDelete }: Delete) {
  const [sure, ask] = useMoment(SURE, false);
  const button = useRef<HTMLButtonElement>(null);
  useLayoutEffect(() => {
    if (sure) button.current?.focus();
  }, [sure]);
  if (!sure) return <IconButton icon="trash" label={label} onClick={() => ask(true)} />;
  return (
    <Button
      label="Delete?"
      title={`${label}: this cannot be undone`}
      kind="danger"
      size="small"
      buttonRef={button}
      onClick={onDelete}
    />
  );
}
