import type { PartLink } from "../connection";
import { Markdown } from "../markdown/Markdown";
import { isOpen, STANDING } from "../message/answer";
import { Problem } from "../message/Problem";
import { Thinking } from "../message/Thinking";
import { Waiting } from "../message/Waiting";
import { Mend } from "./Mend";
import type { AnswerModel } from "./reducer";

interface Props {
  answer: AnswerModel;
  onStop: () => void;
  /** Asks the question again. */
  onAgain: () => Promise<void>;
  link: PartLink;
}

/** Stop, or what to do if the kernel does not get this page's messages. */
function Controls({ answer, onStop }: Pick<Props, "answer" | "onStop">) {
  const { heard, stop } = answer;
  if (heard === false || stop === "late") {
    return <div class="pl-quiet pl-interrupt">Interrupt the kernel to stop.</div>;
  }
  return (
    <button
      type="button"
      class="pl-stop"
      onClick={onStop}
      aria-disabled={heard === null || stop === "asked"}
      aria-label={stop === "asked" ? "Stopping" : "Stop answering"}
      title="Stop (Esc)"
    >
      <span class="pl-stop-mark" aria-hidden="true" />
      {stop === "asked" ? "Stopping…" : "Stop"}
    </button>
  );
}

export function Answer({ answer, onStop, onAgain, link }: Props) {
  const { state, text, thinking, error, footer, notice } = answer;
  const open = isOpen(answer);
  const onKeyDown = (event: KeyboardEvent) => {
    if (event.key === "Escape" && open && answer.heard) {
      event.preventDefault();
      event.stopPropagation();
      onStop();
    }
  };
  return (
    <section
      class={`pl-answer pl-${state}`}
      aria-label={answer.model ? `Answer of ${answer.model}` : "Answer"}
      aria-busy={open}
      onKeyDown={onKeyDown}
    >
      <span class="pl-hidden" role="status">
        {STANDING[state]}
      </span>
      {thinking && (
        <Thinking text={thinking} active={open && !text} final={!open} link={link} />
      )}
      {open && !text && !thinking && <Waiting {...answer} />}
      {text && <Markdown text={text} final={!open} link={link} />}
      {open && (text || thinking) && notice && <div class="pl-notice">{notice}</div>}
      {error && !answer.again && <Problem error={error} />}
      {error && answer.again && (
        // The button is the hint.
        <Problem error={{ ...error, hint: null }}>
          <Mend error={error} link={link} onAgain={onAgain} />
        </Problem>
      )}
      {state === "stopped" && !error && <div class="pl-quiet">Stopped.</div>}
      {open && (
        <div class="pl-controls">
          <Controls answer={answer} onStop={onStop} />
        </div>
      )}
      {!open && footer && <div class="pl-quiet pl-footer">{footer}</div>}
    </section>
  );
}
