// Slash commands on their way: asked about, run, and what the page does after them.
import { useState } from "preact/hooks";
import type { CommandDone, Failure } from "../protocol";
import { Dialog } from "../ui/Dialog";
import { scrolling } from "../ui/scrolling";
import type { Toaster } from "../ui/Toasts";
import type { Actions } from "./actions";
import type { Typed } from "./slash-text";

interface Uses {
  actions: Actions;
  toaster: Toaster;
  onOptions: () => void;
  onHelp: (name: string) => void;
  onPick: () => void;
  onFind: (words: string) => void;
  /** It failed: the text comes back, with the reason. */
  onFailed: (text: string, error: Failure) => void;
  /** It has ended: the field gets the focus again. */
  onDone: () => void;
}

export interface Running {
  run(typed: Typed, text: string): void;
  /** The question that a command has to be confirmed with. */
  asking: { typed: Typed; text: string } | null;
  /** A change of the memory, and why no model made it. */
  proposed: { change: string; note: string } | null;
  /** Takes the change of the memory, or throws it away. */
  settle(take: boolean): void;
  confirm(): void;
  cancel(): void;
}

export function useCommandRuns(uses: Uses): Running {
  const { actions, toaster } = uses;
  const [asking, ask] = useState<Running["asking"]>(null);
  const [proposed, propose] = useState<Running["proposed"]>(null);
  const act = async ({ text, act, data }: CommandDone) => {
    if (act === "propose") {
      propose({ change: data, note: text });
      return;
    }
    if (act === "help") uses.onHelp(data);
    else if (act === "options") uses.onOptions();
    else if (act === "pick") uses.onPick();
    else if (act === "find") uses.onFind(data);
    else if (act === "deleted") actions.deleted(data);
    else if (act === "copy") {
      try {
        await navigator.clipboard.writeText(data);
      } catch {
        const sorry = "This page does not allow copying: select the text instead.";
        toaster.say(sorry, "warning");
        return;
      }
    }
    if (text) toaster.say(text);
  };
  const run = async (
    { typed, text }: NonNullable<Running["asking"]>,
    sure: boolean,
  ) => {
    const { name, argument } = typed;
    const { done, error } = await actions.command(name, argument, sure);
    if (done) {
      uses.onDone();
      await act(done);
    } else uses.onFailed(text, error);
  };
  return {
    asking,
    proposed,
    settle(take) {
      propose(null);
      uses.onDone();
      void actions
        .command("memory", take ? "accept" : "reject")
        .then(({ done, error }) => {
          toaster.say(error?.message ?? done?.text ?? "", error ? "error" : "info");
        });
    },
    run(typed, text) {
      if (typed.command.question) ask({ typed, text });
      else void run({ typed, text }, false);
    },
    confirm() {
      ask(null);
      if (asking) void run(asking, true);
    },
    cancel() {
      ask(null);
      uses.onDone();
    },
  };
}

/** Asks before a command that cannot be undone. */
export function Confirmation({ running }: { running: Running }) {
  const command = running.asking?.typed.command;
  const [question = "", ...rest] = command?.question.split(/(?<=\?) /) ?? [];
  return (
    <Dialog
      title={question}
      strict
      open={command !== undefined}
      onClose={running.cancel}
      decision={{
        label: command?.decision ?? "",
        kind: "danger",
        onClick: running.confirm,
      }}
    >
      <p>{rest.join(" ")}</p>
    </Dialog>
  );
}

/** Shows a change of the memory before it is made. */
export function Proposed({ running }: { running: Running }) {
  const { change = "", note = "" } = running.proposed ?? {};
  return (
    <Dialog
      title="Change the memory?"
      open={running.proposed !== null}
      onClose={() => running.settle(false)}
      decision={{ label: "Change it", onClick: () => running.settle(true) }}
    >
      {note && <p>{note}</p>}
      <div class="pl-proposed" {...scrolling("The change")}>
        {change.split("\n").map((line, index) => (
          <div
            key={index}
            class={
              line[0] === "+"
                ? "pl-proposed-new"
                : line[0] === "-"
                  ? "pl-proposed-old"
                  : undefined
            }
          >
            {line}
          </div>
        ))}
      </div>
    </Dialog>
  );
}
