import { useState } from "preact/hooks";
import { Button, Dialog, type IconName } from "../kit";
import type { ModelRow } from "../protocol";

interface Props {
  label: string;
  icon: IconName;
  busy: boolean;
  disabled: boolean;
  /** Why it cannot be done yet; "" if it can. */
  lack: string;
  /** The model that would be replaced; it is asked first then. */
  old: ModelRow | undefined;
  onGo: () => void;
}

/** The button of a form that makes a model. */
export function Go({ label, icon, busy, disabled, lack, old, onGo }: Props) {
  const [asking, setAsking] = useState(false);
  const close = () => setAsking(false);
  return (
    <>
      <Button
        label={old ? "Replace…" : label}
        kind="primary"
        icon={icon}
        busy={busy}
        disabled={disabled || lack !== ""}
        title={lack}
        onClick={() => (old ? setAsking(true) : onGo())}
      />
      <Dialog
        title={`Replace ${old?.name}?`}
        open={asking && old !== undefined}
        strict
        onClose={close}
        decision={{
          label: "Replace",
          kind: "danger",
          onClick: () => {
            close();
            onGo();
          },
        }}
      >
        <p class="pl-models-say">
          The model that has this name now is gone once the new one is made.
        </p>
      </Dialog>
    </>
  );
}
