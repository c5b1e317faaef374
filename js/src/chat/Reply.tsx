import { useLayoutEffect, useRef } from "preact/hooks";
import { isOpen } from "../message/answer";
import { Problem } from "../message/Problem";
import { Thinking } from "../message/Thinking";
import { Waiting } from "../message/Waiting";
import { AddKey, UnlockVault } from "../ui/AddKey";
import { Button } from "../ui/Button";
import { Dots } from "../ui/Dots";
import { isLocked } from "../ui/Failed";
import type { KeptAnswers } from "./answer-cache";
import { keyOf, type TurnProps } from "./turn-props";

/** A turn's answer as far as it has come, without its foot. */
export function Reply(props: Omit<TurnProps, "onWalk" | "onAskOther">) {
  const { turn } = props;
  const open = isOpen(turn);
  const answered = turn.text || turn.thinking;
  return (
    <>
      {turn.thinking && (
        <Thinking
          text={turn.thinking}
          active={open && !turn.text}
          final={!open}
          link={props.link}
        />
      )}
      {open && !answered && (
        <Waiting model={turn.model} notice={turn.notice} progress={turn.progress} />
      )}
      {turn.text && <Text turn={turn} kept={props.kept} />}
      {/* It goes on where it had ended, and nothing more has come so far. */}
      {turn.state === "waiting" && turn.text && (
        <div class="pl-going-on pl-quiet" role="status">
          <Dots /> Going on…
        </div>
      )}
      {open && answered && turn.notice && <div class="pl-notice">{turn.notice}</div>}
      {turn.error && <Broken {...props} />}
      {turn.state === "unfinished" && (
        <div class="pl-quiet">
          Unfinished: its kernel ended, or another kernel is still writing it.
        </div>
      )}
    </>
  );
}

function Text({ turn, kept }: { turn: TurnProps["turn"]; kept: KeptAnswers }) {
  const box = useRef<HTMLDivElement>(null);
  const key = keyOf(turn);
  const answer = useRef<ReturnType<KeptAnswers["mount"]>>(undefined);
  useLayoutEffect(() => {
    if (box.current) answer.current = kept.mount(key, box.current);
    return () => kept.unmount(key);
  }, [key, kept]);
  // Synchronously, so that the next frame shows the text.
  useLayoutEffect(() => answer.current?.update(turn.text, !isOpen(turn)));
  return <div class="pl-text" ref={box} />;
}

function Broken({
  turn,
  busy,
  actions,
  link,
}: Omit<TurnProps, "onWalk" | "onAskOther">) {
  if (!turn.error) return null;
  const retry = () => actions.retry(turn.id);
  const { missing_key: key } = turn.error;
  return (
    <Problem error={turn.error}>
      {turn.state !== "failed" && (
        <div class="pl-error-hint">The earlier answer was kept.</div>
      )}
      <div class="pl-error-actions">
        {key && <AddKey name={key} link={link} onAdded={retry} />}
        {isLocked(turn.error) && <UnlockVault link={link} onUnlocked={retry} />}
        <Button
          label="Try again"
          icon="retry"
          size="small"
          disabled={busy}
          onClick={retry}
        />
      </div>
    </Problem>
  );
}
