import { useEffect, useRef, useState } from "preact/hooks";
import { Icon, type IconName } from "./icons";

interface Tool {
  icon: IconName;
  label: string;
  disabled?: boolean;
  onClick: () => void;
}

/** A small button with a picture; its name is told when it is pointed at. */
export function ToolButton({ icon, label, disabled, onClick }: Tool) {
  return (
    <button
      type="button"
      class="pl-tool"
      aria-label={label}
      title={label}
      disabled={disabled}
      onClick={onClick}
    >
      <Icon name={icon} />
    </button>
  );
}

/** Milliseconds for which a button says what came of it, or waits for a second click. */
const SAID = 2000;
const SURE = 4000;

interface Copy {
  label: string;
  text: () => string | Promise<string>;
}

export function CopyButton({ label, text }: Copy) {
  const [said, setSaid] = useState("");
  const timer = useRef<ReturnType<typeof setTimeout>>();
  useEffect(() => () => clearTimeout(timer.current), []);
  const copy = async () => {
    let outcome = "Copied";
    try {
      // Absent on plain http; refused without the permission.
      await navigator.clipboard.writeText(await text());
    } catch {
      outcome = "Not allowed here: select the text";
    }
    setSaid(outcome);
    clearTimeout(timer.current);
    timer.current = setTimeout(() => setSaid(""), SAID);
  };
  return (
    <>
      <ToolButton
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

/** Deletes with the second click, since there is no way back. */
export function DeleteButton({ label, onDelete }: Delete) {
  const [sure, setSure] = useState(false);
  const timer = useRef<ReturnType<typeof setTimeout>>();
  useEffect(() => () => clearTimeout(timer.current), []);
  const click = () => {
    clearTimeout(timer.current);
    if (sure) onDelete();
    else timer.current = setTimeout(() => setSure(false), SURE);
    setSure(!sure);
  };
  if (!sure) return <ToolButton icon="trash" label={label} onClick={click} />;
  return (
    <button
      type="button"
      class="pl-small-button pl-danger"
      aria-label={`${label}: sure?`}
      onClick={click}
      onBlur={() => setSure(false)}
    >
      Delete?
    </button>
  );
}
