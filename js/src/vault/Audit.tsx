import { useEffect, useState } from "preact/hooks";
import {
  Banner,
  Button,
  type Column,
  Dialog,
  Dots,
  Icon,
  Problem,
  Table,
} from "../kit";
import type { AuditData, AuditEntry } from "../protocol";
import type { Actions } from "./actions";
import { useTrying } from "./trying";
import { concerned, happened, when } from "./words";

interface Props {
  can: Actions;
  onClose: () => void;
}

const COLUMNS: readonly Column<AuditEntry>[] = [
  {
    key: "what",
    label: "Event",
    main: true,
    cell: (entry) => (
      <>
        {happened(entry)}
        {!entry.sealed && <span class="pl-quiet"> (not sealed by a key yet)</span>}
      </>
    ),
  },
  {
    key: "at",
    label: "When",
    cell: ({ at }) => (
      <time
        class="pl-vault-once"
        dateTime={at}
        title={`${at.slice(0, 19).replace("T", " ")} UTC`}
      >
        {when(Date.parse(at) / 1000)}
      </time>
    ),
  },
  { key: "names", label: "Secrets", cell: concerned },
  {
    key: "kernel",
    label: "Kernel",
    cell: ({ kernel }) => <span class="pl-vault-once">{kernel}</span>,
  },
];

/** The log of the vault, and whether it is complete. */
export function Audit({ can, onClose }: Props) {
  const [log, setLog] = useState<AuditData | null>(null);
  const { busy, problem, attempt } = useTrying();
  const read = async () => {
    const { result } = await attempt(can.audit(log?.entries.at(-1)?.seq ?? null));
    if (result)
      setLog({ ...result, entries: [...(log?.entries ?? []), ...result.entries] });
  };
  useEffect(() => void read(), []);
  return (
    <Dialog
      title="Audit log"
      open
      onClose={onClose}
      actions={
        <>
          {log?.more && <Button label="Load more" busy={busy} onClick={read} />}
          <Button label="Close" onClick={onClose} />
        </>
      }
    >
      {log && <Verdict log={log} />}
      {log && (
        <div class="pl-vault-log">
          <Table
            label="Audit log"
            columns={COLUMNS}
            rows={log.entries}
            rowKey={({ seq }) => String(seq)}
            empty="Nothing has happened yet."
          />
        </div>
      )}
      {!log && busy && (
        <div class="pl-vault-wait" role="status">
          <Dots /> Reading the log…
        </div>
      )}
      {problem && <Problem error={problem} />}
    </Dialog>
  );
}

function Verdict({ log: { problem, checked, total } }: { log: AuditData }) {
  if (problem)
    return <Banner kind="error" message={`The log is damaged: ${problem}.`} />;
  const count = `${total.toLocaleString("en")} entries`;
  return (
    <div class="pl-vault-verdict">
      {checked && <Icon name="check" />}
      {checked
        ? `Complete: ${count}`
        : `${count}, which cannot be checked while the vault is locked`}
    </div>
  );
}
