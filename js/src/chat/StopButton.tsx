import type { Stop } from "../message/answer";

interface Props {
  stop: Stop;
  heard: boolean | null;
  onStop: () => void;
}

/** Stop, or what to do if the kernel does not get this page's messages. */
export function StopButton({ stop, heard, onStop }: Props) {
  if (heard === false || stop === "late") {
    return <span class="pl-quiet">Interrupt the kernel to stop.</span>;
  }
  return (
    <button
      type="button"
      class="pl-round"
      aria-label={stop === "asked" ? "Stopping" : "Stop answering"}
      title="Stop (Esc)"
      aria-disabled={stop === "asked"}
      onClick={onStop}
    >
      <span class="pl-stop-mark" aria-hidden="true" />
    </button>
  );
}
