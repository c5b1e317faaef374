import { useEffect, useState } from "preact/hooks";
import { IconButton } from "../kit";

/** Milliseconds for which a button says what came of it. */
const SAID = 2000;

/** A button that copies a text. */
export function Copy({ label, text }: { label: string; text: string }) {
  const [outcome, setOutcome] = useState<"" | "done" | "failed">("");
  useEffect(() => {
    if (!outcome) return;
    const timer = setTimeout(() => setOutcome(""), SAID);
    return () => clearTimeout(timer);
  }, [outcome]);
  const copy = async () => {
    try {
      // Absent on plain http; refused without the permission.
      await navigator.clipboard.writeText(text);
      setOutcome("done");
    } catch {
      setOutcome("failed");
    }
  };
  return (
    <>
      <IconButton
        class="pl-text-copy"
        label={outcome === "failed" ? "This page may not copy: select the text" : label}
        icon={outcome === "done" ? "check" : outcome ? "warning" : "copy"}
        onClick={copy}
      />
      <span class="pl-hidden" role="status">
        {outcome === "done" ? "Copied" : outcome ? "This page may not copy" : ""}
      </span>
    </>
  );
}
