import { isOpen } from "../message/answer";
import { Button, IconButton } from "../ui/Button";
import { Menu, type MenuItem } from "../ui/Menu";
import { CopyButton } from "./buttons";
import { Pager } from "./Pager";
import type { TurnProps } from "./turn-props";

/** Why nothing can be asked or changed while a question is answered. */
export const BUSY = "Wait for the answer, or stop it";

interface Props extends TurnProps {
  onEdit: () => void;
}

/** What an answer was, and what can be done with it. */
export function Foot({ turn, following, busy, actions, onEdit, ...can }: Props) {
  const { id, text, alternatives } = turn;
  const goOn = () => actions.goOn(id);
  const items: MenuItem[] = [
    {
      label: "Continue the answer",
      icon: "play",
      disabled: busy || !text.trim(),
      onSelect: goOn,
    },
    {
      label: "Ask another model…",
      icon: "cube",
      disabled: busy,
      onSelect: () => can.onAskOther(turn),
    },
  ];
  if (alternatives.length > 1) {
    items.push({
      label: "Compare side by side",
      icon: "columns",
      disabled: busy,
      onSelect: () => actions.compare(id, neighbour(turn)),
    });
  }
  items.push(
    {
      label: "Edit the answer",
      icon: "edit",
      disabled: busy,
      apart: true,
      onSelect: onEdit,
    },
    {
      label: "Copy question and answer",
      icon: "copy",
      onSelect: () => void copyBoth(turn, actions),
    },
  );
  return (
    <div class="pl-reply-foot">
      <Pager turn={turn} held={busy ? BUSY : ""} onWalk={can.onWalk} />
      {turn.cut && !following && (
        <Button
          label="Continue"
          icon="play"
          size="small"
          disabled={busy}
          title={busy ? BUSY : "Go on where the answer ended"}
          onClick={goOn}
        />
      )}
      <span class="pl-foot-words">
        <span class="pl-quiet pl-footer">{turn.footer}</span>
        {turn.edited && <span class="pl-quiet pl-edited">edited</span>}
      </span>
      <div class="pl-tools">
        {text && <CopyButton label="Copy answer" text={() => text} />}
        {turn.state !== "failed" && (
          <IconButton
            icon="retry"
            label="Ask again"
            disabled={busy}
            onClick={() => actions.retry(id)}
          />
        )}
        {!isOpen(turn) && (
          <Menu label="More for this answer" icon="more" align="end" items={items} />
        )}
      </div>
    </div>
  );
}

/** The alternative before a turn, or the one after the first. */
const neighbour = ({ id, alternatives: all }: TurnProps["turn"]): number => {
  const at = all.indexOf(id);
  return all[at > 0 ? at - 1 : at + 1] as number;
};

/** Copies question and answer as Markdown. */
async function copyBoth({ id }: TurnProps["turn"], actions: TurnProps["actions"]) {
  try {
    const { question, text } = await actions.read(id);
    const quoted = question.replace(/^/gm, "> ").replace(/^> $/gm, ">");
    await navigator.clipboard.writeText(`${quoted}\n\n${text}`);
    actions.say("Copied as Markdown.");
  } catch {
    actions.say("This page does not allow copying: select the text instead.");
  }
}
