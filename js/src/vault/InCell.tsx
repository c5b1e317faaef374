import { useState } from "preact/hooks";
import { Banner, Button } from "../kit";
import { copied } from "./copying";

/** What is run in a cell where this page cannot encrypt what is typed. */
export function InCell({ command }: { command: string }) {
  const [said, setSaid] = useState("");
  const copy = async () =>
    setSaid((await copied(command)) ? "Copied." : "Select it and press Ctrl+C or ⌘C.");
  return (
    <div class="pl-vault-cell">
      <Banner
        kind="warning"
        message="This page cannot encrypt what you type: it was loaded over http from another machine."
        hint="Run the command below in a cell, and the kernel asks. What you type then crosses the network as readable as this page itself."
      />
      <div class="pl-vault-command">
        <code>{command}</code>
        <Button label="Copy" icon="copy" size="small" onClick={copy} />
      </div>
      <div class="pl-quiet" role="status">
        {said}
      </div>
    </div>
  );
}
