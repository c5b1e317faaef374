// What the view of the prompt library shows, as a function of the kernel's events.
import type { Reach } from "../connection";
import type {
  FacetsData,
  Failure,
  FoundData,
  ImportData,
  ModelGroup,
  ModelGroups,
  PromptPlace,
  PromptsFact,
  PromptUsed,
} from "../protocol";
import { type Form, formOfEdit } from "./form";
import { type Listed, nothing, withFound } from "./windows";

export interface PromptsModel {
  /** The first snapshot has come. */
  ready: boolean;
  /** Whether the kernel gets this page's messages; null while it is not known. */
  heard: boolean | null;
  /** The page has lost its kernel. */
  lost: boolean;
  /** Counts the changes of the library. */
  revision: number;
  place: PromptPlace;
  listed: Listed;
  /** A search is under way, whose rows have not come yet. */
  finding: boolean;
  /** Why the last search failed. */
  problem: Failure | null;
  facets: FacetsData | null;
  inPanel: boolean;
  /** The kernel's clock minus this page's, in seconds. */
  ahead: number;
  /** The form that is open. */
  form: Form | null;
  importing: ImportData;
  /** Stopping the import was asked for. */
  stopping: boolean;
  groups: readonly ModelGroup[];
  /** The chat that is shown below. */
  chat: PromptUsed | null;
}

export const anywhere: PromptPlace = {
  query: "",
  tags: [],
  source: null,
  favourites: false,
  open: "",
};

export const noImport: ImportData = {
  stage: "none",
  id: "",
  source: "",
  title: "",
  location: "",
  added: [],
  updated: [],
  beside: [],
};

export const initial: PromptsModel = {
  ready: false,
  heard: null,
  lost: false,
  revision: 0,
  place: anywhere,
  listed: nothing,
  finding: true,
  problem: null,
  facets: null,
  inPanel: false,
  ahead: 0,
  form: null,
  importing: noImport,
  stopping: false,
  groups: [],
  chat: null,
};

/** What the user does, and the kernel's responses. */
export type PromptsAct =
  | { event: "place"; data: Partial<PromptPlace> }
  | { event: "finding" }
  | { event: "found"; data: { found: FoundData; anew: boolean } }
  | { event: "not-found"; data: { error: Failure } }
  | { event: "facets"; data: FacetsData }
  | { event: "form"; data: Form | null }
  | { event: "stopping" }
  | { event: "groups"; data: ModelGroups }
  | { event: "chat"; data: PromptUsed | null }
  | { event: "lost"; data: { lost: boolean } };

/** Whether two places find the same prompts. */
export const sameSearch = (a: PromptPlace, b: PromptPlace) =>
  a.query === b.query &&
  (a.source ?? null) === (b.source ?? null) &&
  a.favourites === b.favourites &&
  a.tags.join("\n") === b.tags.join("\n");

/** Whether the list is filtered at all. */
export const isFiltered = (place: PromptPlace) =>
  !sameSearch(place, anywhere) && !sameSearch(place, { ...anywhere, query: " " });

/** `clock` is the page's, in seconds since 1970. */
export function reduce(
  now: PromptsModel,
  fact: PromptsFact | Reach | PromptsAct,
  clock: number,
): PromptsModel {
  switch (fact.event) {
    case "snapshot": {
      const { revision, place, found, facets, draft, importing } = fact.data;
      // What the user does here goes before what another page has told the kernel.
      const kept = now.ready ? now.place : { ...place, source: place.source ?? null };
      const ours = found && sameSearch(kept, place) ? found : null;
      return {
        ...now,
        ready: true,
        lost: false,
        revision,
        place: kept,
        listed: ours ? withFound(now.listed, ours, true) : now.listed,
        finding: !ours,
        problem: null,
        facets: facets ?? now.facets,
        inPanel: fact.data.in_panel,
        ahead: fact.data.now - clock,
        form: now.ready || !draft ? now.form : formOfEdit(draft),
        importing,
        stopping: now.stopping && importing.stage === now.importing.stage,
      };
    }
    case "prompts":
      return { ...now, revision: fact.data.revision };
    case "import": {
      const same =
        fact.data.id === now.importing.id && fact.data.stage === now.importing.stage;
      // What was imported while one looked is said at once, and is over.
      const over = fact.data.stage === "done" && now.importing.stage === "taking";
      const importing = over ? noImport : fact.data;
      return { ...now, importing, stopping: now.stopping && same };
    }
    case "jobs": {
      const { job } = now.importing;
      const changed = fact.data.changed.find(({ id }) => id === job?.id);
      return changed ? { ...now, importing: { ...now.importing, job: changed } } : now;
    }
    case "models": {
      const group = fact.data;
      const at = now.groups.findIndex(({ provider }) => provider === group.provider);
      const groups = at < 0 ? [...now.groups, group] : now.groups.with(at, group);
      return { ...now, groups };
    }
    case "reach":
      return { ...now, heard: fact.data.heard, lost: now.lost && !fact.data.heard };
    case "place":
      return { ...now, place: { ...now.place, ...fact.data } };
    case "finding":
      return { ...now, finding: true };
    case "found": {
      const listed = withFound(now.listed, fact.data.found, fact.data.anew);
      return { ...now, listed, finding: false, problem: null };
    }
    case "not-found":
      return { ...now, finding: false, problem: fact.data.error };
    case "facets":
      return { ...now, facets: fact.data };
    case "form":
      return { ...now, form: fact.data };
    case "stopping":
      return { ...now, stopping: true };
    case "groups":
      return { ...now, groups: fact.data.groups };
    case "chat":
      return { ...now, chat: fact.data };
    case "lost":
      return { ...now, lost: fact.data.lost };
    default:
      return now;
  }
}
