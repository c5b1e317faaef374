import type { Assets } from "../connection";
import { Meter, useStrength } from "./Meter";
import { PasswordField } from "./PasswordField";

export interface Twice {
  password: string;
  again: string;
}

export const NOT_TYPED: Twice = { password: "", again: "" };

interface Props {
  label: string;
  typed: Twice;
  onInput: (typed: Twice) => void;
  onEnter: () => void;
  link: Assets;
}

/** Whether a password may be sent: typed twice alike. The kernel judges its strength. */
export const agreed = ({ password, again }: Twice): boolean =>
  password !== "" && password === again;

/** A new password, typed twice, with its strength. */
export function NewPassword({ label, typed, onInput, onEnter, link }: Props) {
  const strength = useStrength(link, typed.password);
  const differ = typed.again !== "" && !agreed(typed);
  return (
    <>
      <PasswordField
        label={label}
        value={typed.password}
        hint="Nobody can read the vault without it: keep it where you do not lose it."
        onInput={(password) => onInput({ ...typed, password })}
        onEnter={onEnter}
      />
      <Meter strength={strength} />
      <PasswordField
        label="The same password again"
        value={typed.again}
        error={differ ? "The two passwords differ." : undefined}
        onInput={(again) => onInput({ ...typed, again })}
        onEnter={onEnter}
      />
    </>
  );
}
