import { Menu } from "../kit";
import { ago } from "../models/words";
import type { PromptData } from "../protocol";
import type { Actions } from "./actions";

interface Props {
  prompt: PromptData;
  now: number;
  disabled: boolean;
  can: Actions;
  onVersion: (version: number | null) => void;
}

/** Versions that the menu shows; earlier ones are got at by the command. */
const SHOWN = 20;

/** The versions of a prompt: one is looked at before it is reverted to. */
export function Versions({ prompt, now, disabled, onVersion }: Props) {
  const { versions, version, shown } = prompt;
  if (versions.length < 2) return <span class="pl-quiet">version {version}</span>;
  return (
    <Menu
      label={`Version ${shown}`}
      items={versions.slice(0, SHOWN).map((each) => ({
        label:
          `Version ${each.version}, ${ago(now - each.created)}` +
          (each.version === version ? ", the newest" : ""),
        disabled,
        ...(each.version === shown && { icon: "check" as const }),
        onSelect: () => onVersion(each.version === version ? null : each.version),
      }))}
    />
  );
}
