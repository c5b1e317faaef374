import { useEffect, useRef } from "preact/hooks";
import type { PartLink } from "../connection";
import type { SessionData } from "../protocol";
import { UnlockVault } from "../ui/AddKey";
import { Empty } from "../ui/Empty";

interface Props {
  session: SessionData;
  link: PartLink;
  /** Nothing of the conversation is in the page any more. */
  onGone: () => void;
}

/** What an encrypted conversation shows while the vault is locked. */
export function Locked({ session, link, onGone }: Props) {
  const box = useRef<HTMLDivElement>(null);
  useEffect(() => {
    onGone();
    // Who typed here stays here: what had the focus is gone.
    if (document.activeElement === document.body) box.current?.focus();
  }, []);
  return (
    <div class="pl-chat-locked" ref={box} tabIndex={-1}>
      <Empty title="This conversation is locked." icon="lock">
        <p role="status">
          {session.locked} Its text is encrypted, and is shown again once the vault is
          unlocked.
          {session.answering && " The answer under way goes on, and is kept encrypted."}
        </p>
        <UnlockVault link={link} kind="primary" size="normal" onUnlocked={() => {}} />
      </Empty>
    </div>
  );
}
