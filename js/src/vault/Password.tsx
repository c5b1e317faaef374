import { useState } from "preact/hooks";
import {
  agreed,
  canSeal,
  Dialog,
  NewPassword,
  NOT_TYPED,
  PasswordField,
  Problem,
} from "../kit";
import type { Actions } from "./actions";
import { InCell } from "./InCell";
import { useTrying } from "./trying";

interface Props {
  can: Actions;
  onClose: () => void;
}

const TITLE = "Change the password";

/** Another password of the vault. */
export function Password({ can, onClose }: Props) {
  const [old, setOld] = useState("");
  const [typed, setTyped] = useState(NOT_TYPED);
  const { busy, problem, attempt, forget } = useTrying();
  const wrong = problem?.code === "wrong-password" || problem?.code === "wait";
  const complete = old !== "" && agreed(typed);
  const change = async () => {
    if (busy || !complete) return;
    const { error } = await attempt(can.changePassword(old, typed.password));
    if (error) return;
    can.toaster.say("The password is changed. Other kernels have to unlock the vault.");
    onClose();
  };
  if (!canSeal())
    return (
      <Dialog title={TITLE} open onClose={onClose}>
        <InCell command="%parllama vault passwd" />
      </Dialog>
    );
  return (
    <Dialog
      title={TITLE}
      open
      strict
      onClose={onClose}
      decision={{ label: "Change", busy, disabled: !complete, onClick: change }}
    >
      <PasswordField
        label="Present password"
        value={old}
        error={
          problem && wrong
            ? [problem.message, problem.hint].filter(Boolean).join(" ")
            : undefined
        }
        onInput={(text) => {
          setOld(text);
          forget();
        }}
        onEnter={change}
      />
      <NewPassword
        label="New password"
        typed={typed}
        onInput={setTyped}
        onEnter={change}
        link={can.link}
      />
      {problem && !wrong && <Problem error={problem} />}
    </Dialog>
  );
}
