import { useEffect, useMemo, useRef, useState } from "preact/hooks";
import { shown } from "../bridge";
import { Banner, Button, Dots, Empty, Field, IconButton, Menu, Problem } from "../kit";
import type { Failure, LibraryData } from "../protocol";
import type { Actions } from "./actions";
import { capabilities, found, installed, type Wanted } from "./finding";
import { Offer } from "./Offer";
import { Recommended } from "./Recommended";
import type { ModelsModel } from "./reducer";
import { ago } from "./words";

interface Props {
  model: ModelsModel;
  can: Actions;
  now: number;
  disabled: boolean;
  library: LibraryData | null;
  onRead: (library: LibraryData) => void;
}

const SORTS = { popular: "Popular", newest: "Newest", name: "Name" } as const;

/** Models in the page at first, and added each time their end comes near. */
const SOME = 40;

/** The public library: searched, and pulled from with a click. */
export function Library({ model, can, now, disabled, library, onRead }: Props) {
  const [wanted, setWanted] = useState<Wanted>({
    query: "",
    capability: "",
    sort: "popular",
  });
  const [everybody, setEverybody] = useState<LibraryData | null>(null);
  const [problem, setProblem] = useState<Failure | null>(null);
  const [busy, setBusy] = useState(false);
  const [limit, setLimit] = useState(SOME);
  const end = useRef<HTMLDivElement>(null);
  const change = (what: Partial<Wanted>) => {
    setWanted((before) => ({ ...before, ...what }));
    setLimit(SOME);
    if (what.query !== undefined) setEverybody(null);
  };
  const read = async (refresh: boolean, query = "", sort = wanted.sort) => {
    setBusy(true);
    setProblem(null);
    try {
      const order = sort === "newest" ? sort : "popular";
      const asked = { query, sort: order, refresh } as const;
      const { result } = await can.request("library", asked);
      if (query) setEverybody(result);
      else onRead(result);
    } catch (error) {
      setProblem(shown(error as Error));
    }
    setBusy(false);
  };
  useEffect(() => {
    if (!library && !disabled) read(false);
  }, [disabled]);
  const source = everybody ?? library;
  const all = useMemo(
    () => (everybody ? everybody.models : library ? found(library.models, wanted) : []),
    [library, everybody, wanted],
  );
  const chips = useMemo(() => capabilities(library?.models ?? []), [library]);
  const there = useMemo(() => installed(model.models), [model.models]);
  const more = all.length > limit;
  useEffect(() => {
    if (!more || !end.current) return;
    const seen = new IntersectionObserver(
      (entries) => {
        if (entries.some((entry) => entry.isIntersecting)) setLimit(limit + SOME);
      },
      { rootMargin: "600px" },
    );
    seen.observe(end.current);
    return () => seen.disconnect();
  }, [more, limit]);
  const plain = !wanted.query.trim() && !wanted.capability;
  return (
    <div class="pl-library">
      <div class="pl-models-bar">
        <Field
          kind="search"
          label="Search the library"
          hideLabel
          placeholder="Search the library"
          value={wanted.query}
          onInput={(query) => change({ query })}
        />
        <span class="pl-quiet pl-models-count" role="status">
          {source && standing(all.length, source, now)}
        </span>
        <Menu
          label={SORTS[wanted.sort]}
          align="end"
          items={Object.entries(SORTS).map(([sort, label]) => ({
            label,
            onSelect: () => {
              const next = sort as Wanted["sort"];
              change({ sort: next });
              if ((next === "newest") !== (wanted.sort === "newest") && !disabled)
                read(false, "", next);
            },
          }))}
        />
        {busy ? (
          <Dots label="Asking ollama.com" />
        ) : (
          <IconButton
            label="Ask ollama.com again"
            icon="retry"
            disabled={disabled}
            onClick={() => read(true, everybody ? wanted.query : "")}
          />
        )}
      </div>
      {chips.length > 0 && (
        <fieldset class="pl-chips">
          <legend class="pl-hidden">Capability</legend>
          {chips.map((each) => (
            <button
              key={each}
              type="button"
              class="pl-chip"
              aria-pressed={wanted.capability === each}
              onClick={() =>
                change({ capability: wanted.capability === each ? "" : each })
              }
            >
              {each}
            </button>
          ))}
        </fieldset>
      )}
      {problem && (
        <Problem
          error={problem}
          action={{ label: "Try again", busy, onClick: () => read(true) }}
        />
      )}
      {source?.note && <Banner kind="warning" message={source.note} />}
      {plain && library && library.recommended.length > 0 && (
        <Recommended
          models={library.recommended}
          there={there}
          can={can}
          disabled={disabled}
        />
      )}
      {source && (
        <ul class="pl-offers" aria-label="Models of the library">
          {all.slice(0, limit).map((each) => (
            <Offer key={each.name} offer={each} {...{ there, can, disabled }} />
          ))}
        </ul>
      )}
      {more && <div ref={end} class="pl-table-more" aria-hidden="true" />}
      {!source && busy && (
        <div class="pl-models-wait" role="status">
          <Dots /> Reading the library…
        </div>
      )}
      {source && all.length === 0 && <Empty title="No model matches" icon="search" />}
      {library && wanted.query.trim() && !everybody && (
        <div class="pl-library-more">
          <Button
            label="Search the models of all users"
            icon="search"
            busy={busy}
            disabled={disabled}
            onClick={() => read(false, wanted.query)}
          />
        </div>
      )}
    </div>
  );
}

/** "212 models · read 3 hours ago". */
function standing(count: number, { fetched }: LibraryData, now: number): string {
  return `${count.toLocaleString("en")} model${count === 1 ? "" : "s"} · read ${ago(now - fetched)}`;
}
