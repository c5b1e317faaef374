import { useRef, useState } from "preact/hooks";
import { Banner, Button, canSeal, Menu, PasswordField, Problem } from "../kit";
import type { Actions } from "./actions";
import type { Asked } from "./Dialogs";
import { InCell } from "./InCell";
import type { VaultModel } from "./reducer";
import { useClock } from "./timing";
import { useTrying } from "./trying";
import { secondsUntil } from "./words";

interface Props {
  model: VaultModel;
  can: Actions;
  ask: (asked: Asked) => void;
}

/** Milliseconds between two looks at the clock. */
const TICK = 200;

/** What is wrong with what was typed, and not with the vault. */
const TYPED = ["wrong-password", "weak-password", "wait", "sealing"];

/** A locked vault: why it is, its password, and what can be done without one. */
export function Unlock({ model, can, ask }: Props) {
  const { whyLocked, waitUntil, place } = model;
  const [password, setPassword] = useState("");
  const { busy, problem, attempt, forget } = useTrying();
  const field = useRef<HTMLInputElement>(null);
  const wait = useClock((now) => secondsUntil(waitUntil, now), TICK);
  const unlock = async (older = false) => {
    if (busy || wait > 0 || !password) return;
    const { error } = await attempt(can.unlock(password, older));
    if (!error) return;
    // To be typed over, or looked at.
    field.current?.focus();
    field.current?.select();
  };
  const { code = "", message, hint } = problem ?? {};
  const wrong = TYPED.includes(code);
  // While it counts down, the button says how long to wait.
  const words = [message, code !== "wait" && hint].filter(Boolean).join(" ");
  return (
    <div class="pl-vault-door">
      <div class="pl-vault-about">
        <div class="pl-vault-line">
          <h2>The vault is locked</h2>
          <Menu
            label="More"
            icon="more"
            align="end"
            items={[
              {
                label: "Restore a backup…",
                onSelect: () => ask({ kind: "restore" }),
              },
              { label: "Back up…", onSelect: () => ask({ kind: "backup" }) },
              { label: "Audit log…", onSelect: () => ask({ kind: "audit" }) },
            ]}
          />
        </div>
        {whyLocked && whyLocked !== "The vault is locked." && <p>{whyLocked}</p>}
        <p class="pl-quiet">{place}</p>
      </div>
      {canSeal() ? (
        <div class="pl-vault-form">
          <PasswordField
            label="Password of the vault"
            value={password}
            error={problem && wrong ? words : undefined}
            inputRef={field}
            onInput={(typed) => {
              setPassword(typed);
              forget();
            }}
            onEnter={() => unlock()}
          />
          {problem && !wrong && code !== "vault-rollback" && (
            <Refusal problem={problem} ask={ask} />
          )}
          {code === "vault-rollback" && (
            <Banner
              kind="warning"
              message="Somebody has put an older file in the place of the vault."
              hint="Open it only if that was you. Secrets that were stored since then are not in it."
              action={{
                label: "Open the older state",
                busy,
                onClick: () => unlock(true),
              }}
            />
          )}
          <div class="pl-vault-buttons">
            <Button
              label={wait > 0 ? `Unlock in ${wait} s` : "Unlock"}
              kind="primary"
              busy={busy}
              disabled={wait > 0 || !password}
              onClick={() => unlock()}
            />
          </div>
        </div>
      ) : (
        <InCell command="%parllama vault unlock" />
      )}
    </div>
  );
}

/** Why the vault cannot be opened; a damaged one leads to its backups. */
function Refusal({
  problem,
  ask,
}: {
  problem: NonNullable<VaultModel["problem"]>;
  ask: Props["ask"];
}) {
  if (problem.code !== "vault-damaged") return <Problem error={problem} />;
  const action = {
    label: "Restore a backup…",
    onClick: () => ask({ kind: "restore" }),
  };
  return <Problem error={{ ...problem, hint: null }} action={action} />;
}
