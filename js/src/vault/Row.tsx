import { as, canSeal, IconButton, Menu, type Place, Switch } from "../kit";
import type { SecretData } from "../protocol";
import type { Actions } from "./actions";
import type { Asked } from "./Dialogs";
import type { VaultModel } from "./reducer";
import { unexportable, when } from "./words";

interface Props {
  at: Place;
  secret: SecretData;
  model: VaultModel;
  can: Actions;
  ask: (asked: Asked) => void;
}

const SHADOWED = "also set in the environment, which comes first";

/** A secret of the list, without its value. */
export function Row({ at, secret, model, can, ask }: Props) {
  const { name, modified, shadowed } = secret;
  const reason = unexportable(secret);
  const stop = at.active ? 0 : -1;
  const mark = (on: boolean) => {
    const first = !model.warned && !model.entries.some((each) => each.export);
    if (on && first) ask({ kind: "mark", name });
    else can.mark(name, on);
  };
  return (
    // biome-ignore lint/a11y/noStaticElementInteractions: it is a row of a grid
    <div
      {...as("row", { "aria-rowindex": at.index + 1 })}
      class="pl-vault-row"
      style={{ transform: `translateY(${at.top}px)` }}
      tabIndex={stop}
      onFocus={at.onFocus}
      onKeyDown={at.onKeyDown}
    >
      <div {...as("gridcell")} class="pl-vault-secret">
        <div class="pl-vault-name" title={name}>
          {name}
        </div>
        <div class="pl-vault-notes pl-quiet" title={shadowed ? SHADOWED : undefined}>
          {shadowed && <span class="pl-vault-shadowed">{SHADOWED} · </span>}
          changed {when(modified)}
        </div>
      </div>
      <div {...as("gridcell")} class="pl-vault-mark">
        <Switch
          label="In the environment"
          about={name}
          on={secret.export}
          hint={reason || undefined}
          disabled={reason !== "" || model.marking.includes(name)}
          tabIndex={stop}
          onChange={mark}
        />
      </div>
      <div {...as("gridcell")} class="pl-vault-doing">
        <IconButton
          label={canSeal() ? `Reveal ${name}` : `${name} cannot be revealed over http`}
          icon="eye"
          tabIndex={stop}
          disabled={!canSeal()}
          onClick={() => ask({ kind: "reveal", name })}
        />
        <Menu
          label={`More about ${name}`}
          icon="more"
          align="end"
          tabIndex={stop}
          items={[
            { label: "Replace…", onSelect: () => ask({ kind: "replace", name }) },
            {
              label: "Delete…",
              danger: true,
              onSelect: () => ask({ kind: "delete", name }),
            },
          ]}
        />
      </div>
    </div>
  );
}
