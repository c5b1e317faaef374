import { Audit } from "./Audit";
import type { Actions } from "./actions";
import { Backup } from "./Backup";
import { Delete, Mark } from "./Confirm";
import { Import } from "./Import";
import { Password } from "./Password";
import { Restore } from "./Restore";
import { Reveal } from "./Reveal";
import type { VaultModel } from "./reducer";
import { Store } from "./Store";

/** What the user wants to do, in a dialog. */
export type Asked =
  | { kind: "add" | "password" | "backup" | "restore" | "import" | "audit" }
  | { kind: "replace" | "delete" | "reveal" | "mark"; name: string };

interface Props {
  model: VaultModel;
  can: Actions;
  asked: Asked;
  onClose: () => void;
}

export function Dialogs({ model, can, asked, onClose }: Props) {
  const shared = { model, can, onClose };
  switch (asked.kind) {
    case "add":
      return <Store {...shared} name={null} />;
    case "replace":
      return <Store {...shared} name={asked.name} />;
    case "reveal":
      return <Reveal can={can} name={asked.name} onClose={onClose} />;
    case "delete":
      return <Delete {...shared} name={asked.name} />;
    case "mark":
      return <Mark {...shared} name={asked.name} />;
    case "password":
      return <Password {...shared} />;
    case "backup":
      return <Backup {...shared} />;
    case "restore":
      return <Restore {...shared} />;
    case "import":
      return <Import {...shared} />;
    case "audit":
      return <Audit {...shared} />;
  }
}
