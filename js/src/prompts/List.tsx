import { useRef } from "preact/hooks";
import { Button, Dots, Empty, IconButton, Problem, Virtual } from "../kit";
import type { Actions } from "./actions";
import { prompts } from "./offering";
import { Row } from "./Row";
import { isFiltered, type PromptsModel } from "./reducer";

interface Props {
  model: PromptsModel;
  can: Actions;
  disabled: boolean;
  selected: ReadonlySet<string>;
  onSelect: (names: ReadonlySet<string>) => void;
  onImport: () => void;
  onExport: (names: readonly string[]) => void;
}

/** Pixels of a row, as the style has them. */
const ROW = 56;

/** The prompts that were found; arrows move, Enter opens, Space selects. */
export function List(props: Props) {
  const { model, can, disabled, selected, onSelect } = props;
  const { place, listed, finding, problem } = model;
  const { rows, total } = listed;
  const anchor = useRef<number | null>(null);
  const toggle = (index: number, through: boolean) => {
    const name = rows.get(index)?.name;
    if (name === undefined) return;
    const next = new Set(selected);
    if (through && anchor.current !== null) {
      const [low, high] = [anchor.current, index].sort((a, b) => a - b);
      for (let at = low ?? 0; at <= (high ?? 0); at++) {
        const row = rows.get(at);
        if (row) next.add(row.name);
      }
    } else if (!next.delete(name)) next.add(name);
    anchor.current = index;
    onSelect(next);
  };
  const remove = (names: readonly string[]) => {
    if (disabled || !names.length) return;
    can.remove(names).then((done) => {
      if (done)
        onSelect(new Set([...selected].filter((each) => !names.includes(each))));
    });
  };
  const onKey = (key: string, index: number, event: KeyboardEvent) => {
    const row = rows.get(index);
    if (!row) return false;
    if (key === "Enter") can.open(row.name);
    else if (key === " ") toggle(index, event.shiftKey);
    else if (key === "Delete")
      remove(selected.has(row.name) ? [...selected] : [row.name]);
    else return false;
    return true;
  };
  const search = [place.query, ...place.tags, place.source, place.favourites].join(
    "\n",
  );
  const filtered = isFiltered(place);
  const named = model.facets?.sources.filter(({ name }) => name) ?? [];
  const titles = new Map(named.map(({ name, title }) => [name, title]));
  return (
    <div class="pl-prompts-found">
      <div class="pl-prompts-count">
        <span class="pl-quiet" role="status">
          {finding && !total
            ? "Looking…"
            : filtered
              ? `${prompts(total)} found`
              : prompts(total)}
        </span>
        {selected.size > 0 && (
          <section class="pl-prompts-chosen" aria-label="Selected prompts">
            <span>{selected.size} selected</span>
            <Button
              label="Export…"
              size="small"
              disabled={disabled}
              onClick={() => props.onExport([...selected])}
            />
            <Button
              label="Delete"
              size="small"
              kind="danger"
              icon="trash"
              disabled={disabled}
              onClick={() => remove([...selected])}
            />
            <IconButton
              label="Select none"
              icon="close"
              onClick={() => onSelect(new Set())}
            />
          </section>
        )}
      </div>
      {problem && <Problem error={problem} />}
      {total > 0 && (
        <Virtual
          label="Prompts"
          class={finding ? "pl-prompts-list pl-prompts-finding" : "pl-prompts-list"}
          count={total}
          height={ROW}
          several
          anew={search}
          onSee={can.see}
          onKey={onKey}
        >
          {(at) => {
            const row = rows.get(at.index);
            return (
              <Row
                // By its place, so that a row that comes keeps the focus of its place.
                key={at.index}
                at={at}
                row={row}
                source={titles.get(row?.source ?? "") ?? row?.source ?? ""}
                open={row !== undefined && row.name === place.open}
                selected={row !== undefined && selected.has(row.name)}
                onOpen={() => row && can.open(row.name)}
                onTick={(event) => toggle(at.index, event.shiftKey)}
                onStar={() =>
                  row && !disabled && can.favourite(row.name, !row.favourite)
                }
              />
            );
          }}
        </Virtual>
      )}
      {!total && finding && !problem && (
        <div class="pl-prompts-wait">
          <Dots /> Looking for prompts…
        </div>
      )}
      {!total && !finding && !problem && filtered && (
        <Empty title="No prompt matches" icon="search">
          <Button
            label="Clear the filter"
            onClick={() =>
              can.place({ query: "", tags: [], source: null, favourites: false })
            }
          />
        </Empty>
      )}
      {!total && !finding && !problem && !filtered && (
        <Empty title="No prompts yet" icon="book">
          <p>Import the patterns of Fabric, or write one of your own.</p>
          <div class="pl-prompts-first">
            <Button
              label="Import…"
              icon="download"
              kind="primary"
              disabled={disabled}
              onClick={props.onImport}
            />
            <Button
              label="Write one"
              icon="plus"
              disabled={disabled}
              onClick={() => can.write()}
            />
          </div>
        </Empty>
      )}
    </div>
  );
}
