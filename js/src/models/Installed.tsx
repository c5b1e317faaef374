import { useMemo } from "preact/hooks";
import { Button, Dots, Empty, Field, IconButton, Menu, Problem } from "../kit";
import type { ListState } from "../protocol";
import { bytes } from "../ui/amounts";
import { arranged, COLUMNS, freed, ordered } from "./columns";
import { Grid } from "./Grid";
import { type Doing, menuOf } from "./menu";
import type { ModelsModel } from "./reducer";
import { models as counted, isDown, plain } from "./words";

interface Props {
  model: ModelsModel;
  doing: Doing;
  now: number;
  open: string | null;
  selected: ReadonlySet<string>;
  onSelect: (ids: ReadonlySet<string>) => void;
}

/** The installed models: filter, table, and what is done with several. */
export function Installed({ model, doing, now, open, selected, onSelect }: Props) {
  const { models, lists, place, ready } = model;
  const { can, ask, disabled } = doing;
  const rows = useMemo(() => arranged(models, place), [models, place]);
  // What the filter hides stays selected, and what is gone is not.
  const chosen = useMemo(
    () => new Set(models.map(({ id }) => id).filter((id) => selected.has(id))),
    [models, selected],
  );
  const listing = lists.some((list) => list.listing);
  const empty = ready && models.length === 0;
  const minute = Math.floor(now / 60) * 60;
  return (
    <div class="pl-models-installed">
      {models.length > 0 && (
        <div class="pl-models-bar">
          <Field
            kind="search"
            label="Filter models"
            hideLabel
            placeholder="Filter"
            value={place.filter}
            onInput={(filter) => can.place({ filter })}
          />
          <span class="pl-quiet pl-models-count" role="status">
            {place.filter.trim()
              ? `${rows.length} of ${models.length}`
              : summary(model)}
          </span>
          <Sorting model={model} doing={doing} />
          {listing ? (
            <Dots label="Listing" />
          ) : (
            <IconButton
              label="Refresh the list"
              icon="retry"
              disabled={disabled}
              onClick={can.refresh}
            />
          )}
        </div>
      )}
      {lists.map((list) => (
        <Trouble
          key={list.provider}
          list={list}
          some={models.length > 0}
          doing={doing}
        />
      ))}
      {chosen.size > 0 && (
        <section class="pl-models-chosen" aria-label="Selected models">
          <span>
            {chosen.size} selected
            <span class="pl-quiet"> · {bytes(freed(models, chosen))}</span>
          </span>
          <Button
            label="Check for updates"
            size="small"
            disabled={disabled}
            onClick={() =>
              can.checkUpdates(
                models
                  .filter(
                    ({ id, provider, remote }) =>
                      chosen.has(id) && provider === "ollama" && !remote,
                  )
                  .map(({ id }) => id),
              )
            }
          />
          <Button
            label="Delete…"
            size="small"
            kind="danger"
            icon="trash"
            disabled={disabled}
            onClick={() => ask({ kind: "delete", ids: [...chosen] })}
          />
          <IconButton
            label="Select none"
            icon="close"
            onClick={() => onSelect(new Set())}
          />
        </section>
      )}
      {rows.length > 0 && (
        <Grid
          model={model}
          can={can}
          rows={rows}
          selected={chosen}
          open={open}
          now={minute}
          menu={(row) => menuOf(row, doing)}
          onSelect={onSelect}
          onOpen={doing.open}
          onDelete={(ids) => !disabled && ask({ kind: "delete", ids })}
        />
      )}
      {models.length > 0 && rows.length === 0 && (
        <Empty title="No model matches" icon="search">
          <Button label="Clear the filter" onClick={() => can.place({ filter: "" })} />
        </Empty>
      )}
      {empty && !listing && (
        <Empty title="No models yet" icon="cube">
          Pull one by its name above, or look around in the Library.
        </Empty>
      )}
      {(!ready || (empty && listing)) && (
        <div class="pl-models-wait" role="status">
          <Dots /> Listing models…
        </div>
      )}
    </div>
  );
}

/** "12 models · 34 GB", the weights of cloud models being elsewhere. */
function summary({ models }: ModelsModel): string {
  const ids = new Set(models.map(({ id }) => id));
  const cloud = models.filter(({ remote }) => remote).length;
  const parts = [counted(models.length), bytes(freed(models, ids))];
  if (cloud) parts.push(`${cloud} in the cloud`);
  return parts.join(" · ");
}

/** How the rows are sorted, where the table has no heads. */
function Sorting({ model, doing }: Pick<Props, "model" | "doing">) {
  const { sort, down } = model.place;
  const by = COLUMNS.find(({ key }) => key === sort);
  return (
    <div class="pl-models-sorting">
      <Menu
        label={by ? `${by.label} ${down ? "↓" : "↑"}` : "Sort"}
        align="end"
        items={COLUMNS.map(({ key, label }) => ({
          label: key === sort ? `${label} ${down ? "↓" : "↑"}` : label,
          onSelect: () => doing.can.place(ordered(model.place, key)),
        }))}
      />
    </div>
  );
}

const HOW =
  "Start its app, or run ollama serve in a terminal. embedded/smollm2 works without it.";

/** Why a provider's models are not listed, and what to do. */
function Trouble({
  list,
  some,
  doing,
}: {
  list: ListState;
  some: boolean;
  doing: Doing;
}) {
  const { failure, title, provider } = list;
  const { can, disabled } = doing;
  if (!failure) return null;
  const retry = {
    label: "Try again",
    busy: list.listing,
    onClick: () => !disabled && can.refresh(),
  };
  if (provider === "ollama" && isDown(list)) {
    return (
      <Problem
        error={{
          code: failure.code,
          message: some
            ? "Ollama is not running: its models are shown as they were last."
            : "Ollama is not running.",
          hint: HOW,
        }}
        action={retry}
      />
    );
  }
  const message = failure.message.startsWith(title)
    ? failure.message
    : `${title}: ${failure.message}`;
  return (
    <Problem
      error={{ ...failure, message: plain(message), hint: plain(failure.hint) }}
      action={retry}
    />
  );
}
