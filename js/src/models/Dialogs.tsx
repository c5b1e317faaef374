import { useState } from "preact/hooks";
import { Button, Dialog, Field, Problem } from "../kit";
import type { Failure, ModelRow } from "../protocol";
import { bytes } from "../ui/amounts";
import type { Actions } from "./actions";
import { freed } from "./columns";
import { replaced } from "./form";
import type { Asked } from "./menu";
import type { ModelsModel } from "./reducer";
import { models as counted, hasNamespace, stem } from "./words";

interface Props {
  model: ModelsModel;
  can: Actions;
  asked: Asked | null;
  ask: (asked: Asked) => void;
  onClose: () => void;
  onDeleted: (ids: readonly string[]) => void;
}

/** Names in a confirmation, at most; the rest is counted. */
const NAMED = 10;

/** What is asked before something is done with a model. */
export function Dialogs(props: Props) {
  const { asked } = props;
  if (asked?.kind === "delete") return <Delete {...props} ids={asked.ids} />;
  if (asked?.kind === "copy") return <Copy key={asked.id} {...props} id={asked.id} />;
  if (asked?.kind === "push") return <Push {...props} id={asked.id} />;
  return null;
}

const named = (model: ModelsModel, id: string) =>
  model.models.find((row) => row.id === id)?.name ?? id;

function Delete({
  model,
  can,
  ids,
  onClose,
  onDeleted,
}: Props & { ids: readonly string[] }) {
  const gone = new Set(ids);
  const rows = model.models.filter(({ id }) => gone.has(id));
  const running = rows.filter(({ loaded }) => loaded);
  const size = freed(model.models, gone);
  const [only] = rows;
  const title =
    rows.length === 1 && only
      ? `Delete ${only.name}?`
      : `Delete ${counted(rows.length)}?`;
  return (
    <Dialog
      title={title}
      open
      strict
      onClose={onClose}
      decision={{
        label: rows.length === 1 ? "Delete" : `Delete ${rows.length}`,
        kind: "danger",
        icon: "trash",
        onClick: () => {
          onClose();
          onDeleted(ids);
          can.remove(rows.map(({ id }) => id));
        },
      }}
    >
      {rows.length > 1 && (
        <ul class="pl-models-names">
          {rows.slice(0, NAMED).map(({ id, name, size }) => (
            <li key={id}>
              <span>{name}</span>
              <span class="pl-quiet">{size == null ? "" : bytes(size)}</span>
            </li>
          ))}
          {rows.length > NAMED && (
            <li class="pl-quiet">and {rows.length - NAMED} more</li>
          )}
        </ul>
      )}
      <p class="pl-models-say">{space(rows, size)}</p>
      {running.length > 0 && (
        <p class="pl-models-say">
          {running.length === 1 && rows.length === 1
            ? "It is running and will be stopped."
            : `${running.length} of them ${running.length === 1 ? "is" : "are"} running and will be stopped.`}
        </p>
      )}
    </Dialog>
  );
}

/** How much room on the disk is freed, in words. */
function space(rows: readonly ModelRow[], size: number): string {
  if (rows.every(({ remote }) => remote))
    return "Its weights are in the cloud: this removes the name only.";
  if (size === 0)
    return "This frees no disk space: another name uses the same weights.";
  return `This frees ${bytes(size)} of disk space.`;
}

function Copy({ model, can, id, onClose }: Props & { id: string }) {
  const source = named(model, id);
  const [name, setName] = useState(`${stem(source)}-copy`);
  const [problem, setProblem] = useState<Failure | null>(null);
  const [busy, setBusy] = useState(false);
  const old = replaced(name, model.models);
  const copy = async () => {
    if (!name.trim() || busy) return;
    setBusy(true);
    setProblem(null);
    const error = await can.copy(id, name.trim());
    setBusy(false);
    if (error) setProblem(error);
    else {
      can.toaster.say(`${source} is also called ${name.trim()} now.`);
      onClose();
    }
  };
  return (
    <Dialog
      title={`Copy ${source}`}
      open
      onClose={onClose}
      decision={{
        label: old ? "Replace" : "Copy",
        kind: old ? "danger" : "primary",
        busy,
        disabled: !name.trim(),
        onClick: copy,
      }}
    >
      <Field
        label="Its other name"
        value={name}
        onInput={setName}
        code
        hint={
          old
            ? `There is a ${old.name} already: it is replaced.`
            : "A copy takes no disk space."
        }
        onKeyDown={(event) => {
          if (event.key === "Enter") copy();
        }}
      />
      {problem && <Problem error={problem} />}
    </Dialog>
  );
}

function Push({ model, can, id, ask, onClose }: Props & { id: string }) {
  const name = named(model, id);
  const fine = hasNamespace(name);
  const size = model.models.find((row) => row.id === id)?.size;
  return (
    <Dialog
      title={`Push ${name}?`}
      open
      onClose={onClose}
      actions={
        <>
          <Button label="Cancel" onClick={onClose} />
          {!fine && (
            <Button label="Copy it first…" onClick={() => ask({ kind: "copy", id })} />
          )}
          <Button
            label="Push"
            kind={fine ? "primary" : "plain"}
            icon="upload"
            onClick={() => {
              onClose();
              can.push(id);
            }}
          />
        </>
      }
    >
      <p class="pl-models-say">
        This uploads {size ? bytes(size) : "it"} to{" "}
        {fine && name.split("/").length > 2
          ? name.split("/")[0]
          : "ollama.com, where everybody may find it"}
        .
      </p>
      {!fine && (
        <p class="pl-models-say">
          A model of yours is called NAMESPACE/{name}: give it such a name first.
        </p>
      )}
    </Dialog>
  );
}
