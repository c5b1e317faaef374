import { useEffect, useRef } from "preact/hooks";
import { Button, Field, IconButton, Menu, Select } from "../kit";
import type { FacetData } from "../protocol";
import type { Actions } from "./actions";
import { isFiltered, type PromptsModel } from "./reducer";

interface Props {
  model: PromptsModel;
  can: Actions;
  disabled: boolean;
  onImport: () => void;
  onExport: () => void;
}

/** Tags that are always in sight; the others are in a menu. */
const CHIPS = 7;

/** What the list is searched and filtered by, and what makes new prompts. */
export function Bar({ model, can, disabled, onImport, onExport }: Props) {
  const { place, facets } = model;
  const box = useRef<HTMLInputElement | HTMLTextAreaElement>(null);
  const bar = useRef<HTMLDivElement>(null);
  useEffect(() => {
    // "/" anywhere in the view, but for where one types.
    const view = bar.current?.closest(".pl-view");
    const onKey = (event: Event) => {
      const { key, target, ctrlKey, metaKey, altKey } = event as KeyboardEvent;
      const inText = (target as Element).matches?.(
        "input:not([type=checkbox]), textarea, select",
      );
      if (key !== "/" || inText || ctrlKey || metaKey || altKey) return;
      event.preventDefault();
      box.current?.focus();
    };
    view?.addEventListener("keydown", onKey);
    return () => view?.removeEventListener("keydown", onKey);
  }, []);
  const sources = facets?.sources ?? [];
  const some = facets?.total !== 0 || isFiltered(place);
  return (
    <div class="pl-prompts-bar" ref={bar}>
      <div class="pl-prompts-search">
        {some && (
          <Field
            kind="search"
            label="Search prompts"
            hideLabel
            placeholder="Search names, tags and texts ( / )"
            value={place.query}
            inputRef={box}
            onInput={(query) => can.place({ query })}
            onKeyDown={(event) => {
              if (event.key === "Escape" && place.query) {
                event.preventDefault();
                event.stopPropagation();
                can.place({ query: "" });
              }
              if (event.key !== "ArrowDown") return;
              const first = bar.current
                ?.closest(".pl-view")
                ?.querySelector<HTMLElement>('.pl-prompts-list [tabindex="0"]');
              if (!first) return;
              event.preventDefault();
              first.focus();
            }}
          />
        )}
        {sources.length > 1 && (
          <Select
            label="Source"
            hideLabel
            value={place.source ?? "*"}
            options={[
              { value: "*", label: "All sources" },
              ...sources.map(({ name, title, count }) => ({
                value: name,
                label: title,
                description: count.toLocaleString("en"),
              })),
            ]}
            onSelect={(source) => can.place({ source: source === "*" ? null : source })}
          />
        )}
        {some && (
          <IconButton
            label="Favourites only"
            icon={place.favourites ? "starred" : "star"}
            pressed={place.favourites}
            class="pl-prompts-favourites"
            onClick={() => can.place({ favourites: !place.favourites })}
          />
        )}
        <span class="pl-prompts-makers">
          <Button
            label="Import…"
            icon="download"
            disabled={disabled}
            onClick={onImport}
          />
          <Button
            label="New"
            icon="plus"
            kind="primary"
            disabled={disabled}
            onClick={() => can.write()}
          />
          <Menu
            label="More actions"
            icon="more"
            align="end"
            items={[
              {
                label: "Export all…",
                icon: "upload",
                disabled: disabled || !facets?.total,
                onSelect: onExport,
              },
            ]}
          />
        </span>
      </div>
      <Tags facets={facets?.tags ?? []} chosen={place.tags} can={can} />
    </div>
  );
}

function Tags({
  facets,
  chosen,
  can,
}: {
  facets: readonly FacetData[];
  chosen: readonly string[];
  can: Actions;
}) {
  if (!facets.length && !chosen.length) return null;
  const has = (name: string) =>
    chosen.some((tag) => tag.toLowerCase() === name.toLowerCase());
  const others = facets.filter(({ name }) => !has(name));
  const offered = others.slice(0, Math.max(0, CHIPS - chosen.length));
  const rest = others.slice(offered.length);
  return (
    // biome-ignore lint/a11y/useSemanticElements: a fieldset has a look of its own
    <div class="pl-prompts-tags" role="group" aria-label="Tags">
      {chosen.map((tag) => (
        <button
          key={tag}
          type="button"
          class="pl-prompts-chip"
          aria-pressed="true"
          onClick={() => can.place({ tags: chosen.filter((each) => each !== tag) })}
        >
          {tag}
          <span aria-hidden="true"> ×</span>
        </button>
      ))}
      {offered.map(({ name, title, count }) => (
        <button
          key={name}
          type="button"
          class="pl-prompts-chip"
          aria-pressed="false"
          onClick={() => can.place({ tags: [...chosen, name] })}
        >
          {title} <span class="pl-prompts-number">{count.toLocaleString("en")}</span>
        </button>
      ))}
      {rest.length > 0 && (
        <Select
          label="More tags"
          hideLabel
          placeholder={`${rest.length} more tags`}
          value=""
          options={rest.map(({ name, title, count }) => ({
            value: name,
            label: title,
            description: count.toLocaleString("en"),
          }))}
          onSelect={(tag) => can.place({ tags: [...chosen, tag] })}
        />
      )}
    </div>
  );
}
