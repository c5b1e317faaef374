import type { ModelRow, UpdateData } from "../protocol";
import { Menu, type MenuItem } from "../ui/Menu";
import { abilities, COLUMNS } from "./columns";

export interface RowProps {
  row: ModelRow;
  /** Its place among all rows, from 0. */
  index: number;
  top: number;
  active: boolean;
  selected: boolean;
  open: boolean;
  now: number;
  doing: string | undefined;
  update: UpdateData | undefined;
  menu: readonly MenuItem[];
  onFocus: () => void;
  onKeyDown: (event: KeyboardEvent) => void;
  onOpen: () => void;
  onTick: (event: MouseEvent) => void;
}

/** Roles for screen readers: rows at places of their own are no table's. */
export const as = (role: string, aria: object = {}): object => ({ role, ...aria });

const OTHERS = COLUMNS.filter(({ key }) => key !== "name");

/** One model; the columns that do not fit are in the line below its name. */
export function Row(props: RowProps) {
  const { row, index, active, selected, open, now, menu, onOpen } = props;
  const { name } = row;
  return (
    // biome-ignore lint/a11y/noStaticElementInteractions: it is a row of a grid
    <div
      {...as("row", { "aria-rowindex": index + 2, "aria-selected": selected })}
      class={[
        "pl-local",
        selected && "pl-selected",
        open && "pl-local-open",
        row.loaded && "pl-local-loaded",
      ]
        .filter(Boolean)
        .join(" ")}
      style={{ transform: `translateY(${props.top}px)` }}
      tabIndex={active ? 0 : -1}
      onFocus={props.onFocus}
      onKeyDown={props.onKeyDown}
      onClick={(event) => {
        // The controls of a row have clicks of their own.
        if (!(event.target as Element).closest("label, button, [role=menu]")) onOpen();
      }}
    >
      <div {...as("gridcell")} class="pl-local-tick">
        <label class="pl-tick">
          <input
            type="checkbox"
            checked={selected}
            tabIndex={active ? 0 : -1}
            aria-label={`Select ${name}`}
            onClick={props.onTick}
          />
        </label>
      </div>
      <div {...as("gridcell")} class="pl-local-name">
        <span class="pl-local-title">
          <span class="pl-local-words" title={name}>
            {name}
          </span>
          <Badges {...props} />
        </span>
        <span class="pl-local-facts pl-quiet">{facts(row)}</span>
      </div>
      {OTHERS.map(({ key, text }) => (
        <div key={key} {...as("gridcell")} class={`pl-local-${key}`}>
          {text(row, now)}
        </div>
      ))}
      <div {...as("gridcell")} class="pl-local-menu">
        <Menu
          label={`Actions for ${name}`}
          icon="more"
          align="end"
          items={menu}
          tabIndex={active ? 0 : -1}
        />
      </div>
    </div>
  );
}

/** What distinguishes a model: where it runs, whether it is loaded, an update. */
function Badges({ row, doing, update }: Pick<RowProps, "row" | "doing" | "update">) {
  const { provider, remote, loaded, downloaded, state } = row;
  return (
    <>
      {remote && <span class="pl-badge pl-badge-cloud">cloud: {remote}</span>}
      {provider === "embedded" && <span class="pl-badge">embedded</span>}
      {state && <span class="pl-badge pl-badge-news">{state}</span>}
      {!downloaded && !state && <span class="pl-badge">not downloaded</span>}
      {loaded && <span class="pl-badge pl-badge-good">running</span>}
      {update?.available && <span class="pl-badge pl-badge-news">update</span>}
      {doing && <span class="pl-quiet">{doing}</span>}
    </>
  );
}

/** What a narrow view says below the name. */
const facts = (row: ModelRow) =>
  [
    ...["size", "quantization", "context"].map((key) => {
      const text = COLUMNS.find((column) => column.key === key)?.text(row, 0);
      return key === "context" && text ? `${text} tokens` : text;
    }),
    abilities(row).slice(0, 3).join(", "),
  ]
    .filter(Boolean)
    .join(" · ");
