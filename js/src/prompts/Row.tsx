import type { PromptRowData } from "../protocol";
import { IconButton } from "../ui/Button";
import { Icon } from "../ui/icons";
import { as, type Place } from "../ui/Virtual";

interface Props {
  at: Place;
  /** Without one it has not come yet. */
  row: PromptRowData | undefined;
  /** What people call its source. */
  source: string;
  open: boolean;
  selected: boolean;
  onOpen: () => void;
  onTick: (event: MouseEvent) => void;
  onStar: () => void;
}

/** Tags that a row shows, at most. */
const TAGS = 3;

/** One prompt of the list. */
export function Row({
  at,
  row,
  source,
  open,
  selected,
  onOpen,
  onTick,
  onStar,
}: Props) {
  const { index, top, active } = at;
  const aria = { "aria-rowindex": index + 1, "aria-selected": selected };
  const place = { transform: `translateY(${top}px)` };
  const stop = active ? 0 : -1;
  if (!row)
    return (
      // biome-ignore lint/a11y/noStaticElementInteractions: it is a row of a grid
      <div
        {...as("row", { ...aria, "aria-busy": true })}
        class="pl-prompt-row pl-prompt-waiting"
        style={place}
        tabIndex={stop}
        onFocus={at.onFocus}
        onKeyDown={at.onKeyDown}
      >
        <div {...as("gridcell")} class="pl-prompt-main">
          <span class="pl-hidden">Loading</span>
        </div>
      </div>
    );
  const { name, favourite, version, uses, encrypted, tags, description } = row;
  return (
    // biome-ignore lint/a11y/noStaticElementInteractions: it is a row of a grid
    <div
      {...as("row", { ...aria, "aria-current": open || undefined })}
      class={[
        "pl-prompt-row",
        selected && "pl-selected",
        open && "pl-prompt-open",
        favourite && "pl-prompt-favourite",
      ]
        .filter(Boolean)
        .join(" ")}
      style={place}
      tabIndex={stop}
      onFocus={at.onFocus}
      onKeyDown={at.onKeyDown}
      onClick={(event) => {
        if (!(event.target as Element).closest("label, button")) onOpen();
      }}
    >
      <div {...as("gridcell")} class="pl-prompt-tick">
        <label class="pl-prompt-tick-box">
          <input
            type="checkbox"
            checked={selected}
            tabIndex={stop}
            aria-label={`Select ${name}`}
            onClick={onTick}
          />
        </label>
      </div>
      <div {...as("gridcell")} class="pl-prompt-main">
        <div class="pl-prompt-title">
          <span class="pl-prompt-name" title={name}>
            {name}
          </span>
          {encrypted && (
            <span class="pl-prompt-lock" title="Encrypted">
              <Icon name="lock" />
              <span class="pl-hidden">encrypted</span>
            </span>
          )}
          {version > 1 && <span class="pl-quiet">v{version}</span>}
          <span class="pl-quiet pl-prompt-uses">
            {uses > 0 && `${uses.toLocaleString("en")}× used`}
          </span>
        </div>
        <div class="pl-prompt-about">
          <span class="pl-prompt-words">
            {description || (encrypted ? "Encrypted" : "No description")}
          </span>
          {source && <span class="pl-prompt-badge">{source}</span>}
          {tags.slice(0, TAGS).map((tag) => (
            <span key={tag} class="pl-prompt-tag">
              #{tag}
            </span>
          ))}
        </div>
      </div>
      <div {...as("gridcell")} class="pl-prompt-star">
        <IconButton
          label={favourite ? `${name} is a favourite` : `Make ${name} a favourite`}
          icon={favourite ? "starred" : "star"}
          pressed={favourite}
          tabIndex={stop}
          onClick={onStar}
        />
      </div>
    </div>
  );
}
