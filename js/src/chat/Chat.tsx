import { signal } from "@preact/signals-core";
import { useEffect, useMemo, useRef, useState } from "preact/hooks";
import type { PartLink } from "../connection";
import { isOpen, STANDING } from "../message/answer";
import { Problem } from "../message/Problem";
import { Waiting } from "../message/Waiting";
import type { PromptValues } from "../protocol";
import { UnlockVault } from "../ui/AddKey";
import { IconButton } from "../ui/Button";
import { isTyping } from "../ui/editing";
import { isLocked } from "../ui/Failed";
import { useKeptFocus } from "../ui/kept-focus";
import { Toasts } from "../ui/Toasts";
import type { Actions } from "./actions";
import type { KeptAnswers } from "./answer-cache";
import { Composer } from "./Composer";
import { Context, LeftOut } from "./Context";
import { DropSign, useDrop } from "./DropZone";
import { Empty } from "./Empty";
import { findKeys } from "./Find";
import { Head } from "./Head";
import { HeightHandle, useHeight } from "./Height";
import { Locked } from "./Locked";
import { ModelPicker } from "./ModelPicker";
import { nextFocus } from "./next-focus";
import { Options } from "./Options";
import { Preview } from "./Preview";
import { type ChatModel, isBusy } from "./reducer";
import { Sessions } from "./Sessions";
import { Transcript, usePlaces } from "./Transcript";
import { titleOf } from "./title";
import type { Uploads } from "./uploads";

interface Props {
  chat: ChatModel;
  actions: Actions;
  kept: KeptAnswers;
  uploads: Uploads;
  link: PartLink;
}

export function Chat({ chat, actions, kept, uploads, link }: Props) {
  const { session, turns, pending, problem, heard, ready } = chat;
  const busy = isBusy(chat);
  const [options, setOptions] = useState(false);
  const [preview, setPreview] = useState(false);
  // What is looked for at first; null while nothing is.
  const [finding, setFinding] = useState<string | null>(null);
  const [listing, setListing] = useState(false);
  // Not a state: the whole chat would be rendered again with each key.
  const draft = useMemo(() => signal(""), []);
  const values = useMemo(() => signal<PromptValues["values"]>({}), []);
  const placeIn = usePlaces();
  const tab = chat.tabs.current;
  const place = placeIn(tab);
  // What is typed before the first snapshot belongs to the first tab.
  const first = useRef(tab);
  first.current ||= tab;
  const composer = tab === first.current ? "first" : tab;
  useEffect(() => {
    const open = chat.tabs.tabs.filter(({ locked }) => !locked).map(({ id }) => id);
    for (const id of actions.filled.keys())
      if (!open.includes(id)) actions.filled.delete(id);
  }, [chat.tabs]);
  const chat_ = useRef(chat);
  chat_.current = chat;
  const box = useRef<HTMLElement>(null);
  const height = useHeight(box);
  useKeptFocus(box, nextFocus);
  const onKeyDown = (event: KeyboardEvent) => {
    if (isTyping(event)) return;
    if (event.key === "Escape" && busy && heard && !event.defaultPrevented) {
      event.preventDefault();
      event.stopPropagation();
      actions.stop();
    }
    if (findKeys(event) && !session.locked) {
      // Once more, in the field, it is the browser's own.
      event.preventDefault();
      event.stopPropagation();
      setFinding("");
    }
  };
  const showOptions = () => {
    setPreview(false);
    setOptions(true);
  };
  const attach = (files: readonly File[]) => {
    const held = chat.attached.attachments;
    const load = {
      count: held.length,
      size: held.reduce((sum, { size }) => sum + size, 0),
    };
    uploads.add(files, tab, load, chat.limits, ({ message, hint }) =>
      actions.toaster.say([message, hint].filter(Boolean).join(" "), "error"),
    );
  };
  const drop = useDrop(attach);
  const model = session.model ?? chat.default?.model ?? "";
  const nothing = ready && turns.length === 0 && !pending && !chat.earlier;
  return (
    <section
      class="pl-view pl-chat"
      aria-label={`Chat: ${titleOf(session.name)}`}
      ref={box}
      style={height.chosen ? { "--pl-chat-height": `${height.chosen}px` } : undefined}
    >
      {/* biome-ignore lint/a11y/noStaticElementInteractions: hears the keys within */}
      <div
        class="pl-chat-body pl-drawer-host"
        onKeyDown={onKeyDown}
        {...(session.locked ? {} : drop.events)}
      >
        {drop.over && <DropSign />}
        <Head
          chat={chat}
          actions={actions}
          onList={() => setListing(true)}
          onFind={() => setFinding("")}
          onOptions={showOptions}
          link={link}
        />
        {session.locked ? (
          <Locked
            session={session}
            link={link}
            onGone={() => {
              kept.dispose();
              setFinding(null);
              draft.value = "";
              values.value = {};
              setOptions(false);
              setPreview(false);
            }}
          />
        ) : (
          <>
            <Said chat={chat} />
            <Transcript
              key={`turns of ${tab}`}
              chat={chat}
              place={place}
              busy={busy}
              actions={actions}
              kept={kept}
              link={link}
              finding={finding}
              onFound={() => setFinding(null)}
            >
              {nothing && <Empty chat={chat} actions={actions} />}
              {pending && (
                <div class="pl-turn">
                  {pending.turn === null && (
                    <div class="pl-asked">
                      <div class="pl-question pl-clipped" dir="auto">
                        {pending.text?.slice(0, 2000)}
                      </div>
                    </div>
                  )}
                  <div class="pl-reply">
                    <Waiting model={model} notice="" />
                  </div>
                </div>
              )}
            </Transcript>
            {problem && (
              <div class="pl-chat-problem">
                <Problem error={problem}>
                  {isLocked(problem) && (
                    <div class="pl-error-actions">
                      <UnlockVault
                        link={link}
                        again={chat.again ? "Try again" : undefined}
                        onUnlocked={chat.again ?? actions.dismiss}
                      />
                    </div>
                  )}
                </Problem>
                <IconButton icon="close" label="Dismiss" onClick={actions.dismiss} />
              </div>
            )}
            <LeftOut session={session} />
            <Composer
              key={`composer of ${composer}`}
              chat={chat}
              uploads={uploads}
              onFind={setFinding}
              link={link}
              placeholder={model ? `Message ${model}` : "Message"}
              onText={(text) => {
                draft.value = text;
              }}
              onValues={(given) => {
                values.value = given;
              }}
              onFiles={attach}
              onOptions={showOptions}
              actions={actions}
            >
              <ModelPicker chat={chat} actions={actions} />
              <IconButton
                icon="eye"
                label="What is sent"
                pressed={preview}
                onClick={() => {
                  setOptions(false);
                  setPreview(!preview);
                }}
              />
              <Context session={session} />
            </Composer>
            <Options
              session={session}
              tabs={chat.tabs}
              open={options}
              actions={actions}
              onClose={() => setOptions(false)}
            />
            <Preview
              chat={chat}
              draft={draft}
              values={values}
              open={preview}
              actions={actions}
              onClose={() => setPreview(false)}
              link={link}
            />
          </>
        )}
        <Sessions
          open={listing}
          current={session.name}
          tabs={chat.tabs}
          actions={actions}
          link={link}
          onClose={() => setListing(false)}
          onOpened={(turn) => {
            if (turn === undefined) return;
            const there = chat_.current.tabs.current;
            const rect = (item: HTMLElement) => item.getBoundingClientRect();
            Object.assign(placeIn(there), {
              stick: false,
              part: { turn, y: 12, rect },
            });
            void actions.reach(turn);
          }}
        />
      </div>
      <Toasts toaster={actions.toaster} />
      <HeightHandle {...height} />
    </section>
  );
}

/** Announces the answer's state to screen readers, not each word. */
function Said({ chat }: Pick<Props, "chat">) {
  const last = chat.turns.at(-1);
  const was = useRef(false);
  const open = last !== undefined && isOpen(last);
  // An answer that ended before this page opened is not announced.
  useEffect(() => {
    was.current ||= open;
  }, [open]);
  return (
    <span class="pl-hidden" role="status">
      {last && (open || was.current) ? STANDING[last.state] : ""}
    </span>
  );
}
