import { signal } from "@preact/signals-core";
import { useEffect, useMemo, useRef, useState } from "preact/hooks";
import { child } from "../child-widget";
import type { Link, PartLink } from "../connection";
import { isOpen } from "../message/answer";
import type { ChatShown } from "../protocol";
import { Button, IconButton } from "../ui/Button";
import { Empty } from "../ui/Empty";
import { Failed, isLocked } from "../ui/Failed";
import { scrolling } from "../ui/scrolling";
import { useVault } from "../ui/use-vault";
import { AddModel } from "./AddModel";
import { Ask } from "./Ask";
import type { Actions } from "./actions";
import { Column } from "./Column";
import { Differences } from "./Differences";
import { type CompareModel, isBusy } from "./reducer";

interface Props {
  compare: CompareModel;
  actions: Actions;
  link: PartLink & Pick<Link, "model">;
}

/** One question and the answers of several models, side by side. */
export function Compare({ compare, actions, link }: Props) {
  const { columns, lasting, problem, chat, known } = compare;
  const [differing, setDiffering] = useState(false);
  const draft = useMemo(() => signal(""), []);
  const comparable = columns.filter((column) => column.text && !isOpen(column));
  const shown = differing && comparable.length > 1;
  return (
    <div class="pl-view pl-compare">
      <Head
        compare={compare}
        actions={actions}
        link={link}
        differing={shown}
        onDiffer={comparable.length > 1 ? () => setDiffering(!differing) : undefined}
      />
      {problem && (
        <Failed
          error={problem}
          link={link}
          onDismiss={actions.dismiss}
          onUnlocked={compare.again ?? actions.dismiss}
        />
      )}
      {columns.length > 0 && (
        // The columns themselves handle the keys.
        <div class="pl-columns">
          {columns.map((column) => (
            <Column
              key={column.id}
              column={column}
              stop={compare.stops.get(column.id) ?? "no"}
              heard={compare.heard}
              link={link}
              lasting={lasting}
              draft={draft}
              actions={actions}
            />
          ))}
        </div>
      )}
      {known && lasting && columns.length === 0 && (
        <Empty title="Compare models" icon="list">
          Add two models or more, and ask them the same question. In a cell:{" "}
          <code>%%parllama MODEL MODEL</code>.
        </Empty>
      )}
      {shown && <Differences columns={comparable} />}
      {lasting && <Ask compare={compare} draft={draft} actions={actions} />}
      {chat && <Conversation chat={chat} link={link} onClose={actions.closeChat} />}
    </div>
  );
}

interface HeadProps {
  compare: CompareModel;
  actions: Actions;
  link: PartLink;
  differing: boolean;
  onDiffer: (() => void) | undefined;
}

function Head({ compare, actions, link, differing, onDiffer }: HeadProps) {
  const { prompt, system, options, columns, said, heard, stops } = compare;
  const busy = isBusy(compare);
  const open = columns.filter(isOpen);
  const stopping = open.every(({ id }) => stops.get(id) === "asked");
  const stoppable = busy && heard !== false && open.length > 1;
  const more = [system && `system prompt: ${system}`, options].filter(Boolean);
  return (
    <header class="pl-compare-head">
      {prompt && (
        <div class="pl-compare-prompt" dir="auto" {...scrolling("Question")}>
          {prompt}
        </div>
      )}
      {more.length > 0 && (
        <div class="pl-quiet pl-compare-asked">{more.join(" · ")}</div>
      )}
      <div class="pl-compare-bar">
        <span class="pl-quiet pl-compare-said" role="status">
          {said}
        </span>
        {stoppable && (
          <Button
            label={stopping ? "Stopping…" : "Stop all"}
            icon="stop"
            size="small"
            disabled={stopping}
            onClick={() => actions.stop()}
          />
        )}
        <AskAgain columns={columns} actions={actions} link={link} />
        {onDiffer && (
          <Button
            label={differing ? "Hide differences" : "Differences"}
            size="small"
            kind="quiet"
            onClick={onDiffer}
          />
        )}
        <AddModel compare={compare} actions={actions} />
      </div>
    </header>
  );
}

/** What a failed column misses: the name of its key, "" for the vault; null is none. */
const missed = ({ state, error }: CompareModel["columns"][number]) =>
  state !== "failed" || !error
    ? null
    : (error.missing_key ?? (isLocked(error) ? "" : null));

/** Asks all those again that missed what is there now; one has a button of its own. */
function AskAgain({
  columns,
  actions,
  link,
}: Pick<HeadProps, "actions" | "link"> & Pick<CompareModel, "columns">) {
  const names = [...new Set(columns.map(missed).filter((name) => name !== null))];
  const vault = useVault(link, names);
  const able = columns.filter((column) => {
    const name = missed(column);
    const now = name === null ? undefined : vault.get(name);
    return now && (name ? now.found : now.state !== "locked");
  });
  if (able.length < 2) return null;
  return (
    <Button
      label={`Ask ${able.length} again`}
      title="Ask the models again whose keys are there now"
      icon="retry"
      size="small"
      onClick={() => {
        for (const { id } of able) actions.rerun(id);
      }}
    />
  );
}

interface ConversationProps {
  chat: ChatShown;
  link: PartLink & Pick<Link, "model">;
  onClose: () => void;
}

/** The conversation that continues with the picked answer. */
function Conversation({ chat, link, onClose }: ConversationProps) {
  const box = useRef<HTMLDivElement>(null);
  const [problem, setProblem] = useState("");
  useEffect(() => {
    const ending = new AbortController();
    if (box.current) {
      child(link, chat.model_id, box.current, ending.signal).catch((error: Error) => {
        if (!ending.signal.aborted) setProblem(error.message);
      });
    }
    return () => ending.abort();
  }, [chat.model_id]);
  return (
    <section class="pl-compare-chat" aria-label={`Conversation ${chat.session}`}>
      <div class="pl-compare-chat-head">
        <span class="pl-label">Continues in the conversation</span>
        <IconButton label="Close the conversation" icon="close" onClick={onClose} />
      </div>
      {problem && <div class="pl-quiet">{problem}</div>}
      <div ref={box} />
    </section>
  );
}
