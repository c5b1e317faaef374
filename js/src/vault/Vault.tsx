import { useLayoutEffect, useRef, useState } from "preact/hooks";
import { Banner, Cut, Dots, Problem, Toasts } from "../kit";
import type { Actions } from "./actions";
import { Create } from "./Create";
import { type Asked, Dialogs } from "./Dialogs";
import type { VaultModel } from "./reducer";
import { Secrets } from "./Secrets";
import { Unlock } from "./Unlock";

interface Props {
  model: VaultModel;
  can: Actions;
  /** How many toasts there are: the view is rendered when that changes. */
  toasts: number;
}

/** What has the focus in the document, or in the shadow tree, of an element. */
const focused = (el: Element) =>
  (el.getRootNode() as Document | ShadowRoot).activeElement;

/**
 * Whether what comes next may take the focus: something in `box` had it before this
 * rendering, or the view opens in a panel that the user has just operated.
 */
function useHeld(box: { current: HTMLElement | null }): () => boolean {
  const held = useRef(false);
  const here = box.current;
  held.current = here?.contains(focused(here)) ?? false;
  const first = useRef(true);
  return () => {
    const el = box.current;
    if (!el || !first.current) return held.current;
    first.current = false;
    const around = el.closest(".pl-root")?.parentElement?.closest(".pl-root");
    return around?.contains(focused(el)) ?? false;
  };
}

/** What is asked in a dialog also while the vault is locked. */
const ALWAYS: readonly Asked["kind"][] = ["restore", "backup", "audit"];

/** The vault: none yet, locked, or its secrets. */
export function Vault({ model, can }: Props) {
  const { ready, lost, state, problem, locks } = model;
  const [asking, setAsking] = useState<{ asked: Asked; locks: number } | null>(null);
  const box = useRef<HTMLElement>(null);
  const takes = useHeld(box);
  const open = state === "unlocked";
  // With a lock all dialogs are gone at once, and what was typed into them.
  const asked = asking?.locks === locks ? asking.asked : null;
  const shown = asked && (open || ALWAYS.includes(asked.kind)) ? asked : null;
  const ask = (asked: Asked) => setAsking({ asked, locks });
  const lead = () => {
    const el = box.current;
    if (!el || el.contains(focused(el))) return;
    const to = el.querySelector("input") ?? el.querySelector("button");
    to?.focus();
  };
  useLayoutEffect(() => {
    if (ready && takes()) lead();
  }, [ready, state]);
  const was = useRef(shown);
  useLayoutEffect(() => {
    // What opened the dialog may be gone with what was deleted in it.
    if (was.current && !shown && takes()) lead();
    was.current = shown;
  }, [shown]);
  return (
    <section class="pl-view pl-vault" aria-label="Vault" ref={box}>
      <Cut
        lost={model.lost}
        heard={model.heard}
        afterwards="The vault is locked. %parllama vault opens a new one."
        meanwhile="Until then nothing here can be changed."
      />
      {!ready && (
        <div class="pl-vault-wait" role="status">
          <Dots /> Looking at the vault…
        </div>
      )}
      {ready && !lost && (
        <>
          {problem && (
            <Problem
              error={problem}
              action={{
                label: "Restore a backup…",
                onClick: () => ask({ kind: "restore" }),
              }}
            />
          )}
          {model.warning && <Banner kind="warning" message={model.warning} />}
          {model.network && state !== "absent" && (
            <Banner
              kind="warning"
              message="The vault is on a network file system."
              hint="Do not change it from two machines at once unless locks work there."
            />
          )}
          {state === "absent" && <Create can={can} ask={ask} />}
          {state === "locked" && !problem && (
            <Unlock model={model} can={can} ask={ask} />
          )}
          {open && <Secrets model={model} can={can} ask={ask} />}
          {shown && (
            <Dialogs
              model={model}
              can={can}
              asked={shown}
              onClose={() => setAsking(null)}
            />
          )}
        </>
      )}
      <Toasts toaster={can.toaster} />
    </section>
  );
}
