import type { ComponentProps } from "preact";
import type { PartLink } from "../connection";
import { UnlockVault } from "./AddKey";
import { Problem } from "./Banner";

/** Whether an error says that the vault is locked. */
export const isLocked = ({ code }: { code: string }) => code === "vault-locked";

interface Props extends ComponentProps<typeof Problem> {
  link: PartLink;
  /** Does again what failed: called once the vault is unlocked. */
  onUnlocked: () => void;
}

/** An error of the kernel; one of a locked vault comes with the button that unlocks it. */
export function Failed({ link, onUnlocked, ...props }: Props) {
  if (!isLocked(props.error)) return <Problem {...props} />;
  const { action: _, ...plain } = props;
  return (
    <Problem {...plain}>
      <UnlockVault link={link} again="Try again" onUnlocked={onUnlocked} />
    </Problem>
  );
}
