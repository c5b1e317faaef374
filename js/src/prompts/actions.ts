// What the user can do with prompts, as requests to the kernel.
import type { Signal } from "@preact/signals-core";
import { shown } from "../bridge";
import type { Link } from "../connection";
import { line } from "../models/words";
import type {
  Failure,
  FillParams,
  PromptData,
  PromptPlace,
  PromptsFact,
  PromptsRequests,
} from "../protocol";
import type { Toaster } from "../ui/Toasts";
import { Finder, PAUSE } from "./finder";
import { editOf, emptyForm, type Form, formOf } from "./form";
import { prompts as counted } from "./offering";
import { type PromptsAct, type PromptsModel, sameSearch } from "./reducer";

export type PromptsLink = Link<PromptsRequests, PromptsFact>;

/** Milliseconds after which the kernel is told where the user is, and what they type. */
const SETTLED = 400;

export interface Actions {
  request: PromptsLink["request"];
  toaster: Toaster;
  /** What the user looks for, and what is open; the kernel remembers it. */
  place(change: Partial<PromptPlace>): void;
  open(name: string): void;
  /** The places of the list that are seen. */
  see(first: number, last: number): void;
  /** The library has changed. */
  changed(): void;
  favourite(name: string, favourite: boolean): void;
  duplicate(name: string): void;
  remove(names: readonly string[]): Promise<boolean>;
  revert(name: string, version: number): void;
  use(fill: FillParams, send: boolean): Promise<Failure | null>;
  closeChat(): void;
  /** Opens the form, of a new prompt or of one that there is. */
  write(prompt?: PromptData): void;
  /** The form is other than before; null closes it. */
  typed(form: Form | null): void;
  /** Resolves to the error, or to null once it is saved. */
  save(form: Form, over?: boolean): Promise<Failure | null>;
  models(): void;
  stopImport(): void;
  forgetImport(): void;
  failed(error: Error): void;
}

export function actions(
  link: PromptsLink,
  model: Signal<PromptsModel>,
  toaster: Toaster,
  take: (act: PromptsAct) => void,
): Actions {
  const { request } = link;
  let telling: ReturnType<typeof setTimeout> | undefined;
  let keeping: ReturnType<typeof setTimeout> | undefined;
  const failed = (error: Error) => {
    // A request that ends with its page is no news.
    if (error.name !== "AbortError") toaster.say(line(shown(error)), "error");
  };
  const finder: Finder = new Finder(
    async (params, signal) => (await request("find", params, { signal })).result,
    (found, anew) => {
      take({ event: "found", data: { found, anew } });
      // One may have scrolled on before the first rows came.
      if (anew) finder.more(model.value.listed);
    },
    (error) => take({ event: "not-found", data: { error: shown(error) } }),
  );
  const facets = () =>
    request("facets")
      .then(({ result }) => take({ event: "facets", data: result }))
      .catch(() => {});
  const keep = (form: Form | null, pause: number) => {
    clearTimeout(keeping);
    const send = () => {
      request("draft", { edit: form && editOf(form) }).catch(() => {});
    };
    if (pause) keeping = setTimeout(send, pause);
    else send();
  };

  return {
    request,
    toaster,
    failed,
    place(change) {
      const before = model.value.place;
      take({ event: "place", data: change });
      const { place } = model.value;
      if (!sameSearch(before, place)) {
        take({ event: "finding" });
        finder.search(place, before.query === place.query ? 0 : PAUSE);
      }
      clearTimeout(telling);
      telling = setTimeout(() => {
        request("place", model.value.place).catch(() => {});
      }, SETTLED);
    },
    open(name) {
      this.place({ open: name });
    },
    see(first, last) {
      const { place, listed, finding } = model.value;
      if (!finding) finder.has(place);
      finder.see(place, listed, first, last);
    },
    changed() {
      finder.again(model.value.place);
      facets();
    },
    favourite(name, favourite) {
      request("favourite", { name, favourite }).catch(failed);
    },
    duplicate(name) {
      request("duplicate", { name })
        .then(({ result }) => {
          this.open(result.name);
          toaster.say(`${result.name} is a copy.`);
        })
        .catch(failed);
    },
    async remove(names) {
      try {
        const { result } = await request("delete", { names: [...names] });
        const [only] = result.names;
        if (result.names.includes(model.value.place.open)) this.open("");
        const one = result.names.length === 1;
        toaster.say(`${one ? only : counted(result.names.length)} deleted.`, "info", {
          label: "Undo",
          onClick: () => {
            request("restore", { names: result.names })
              .then((back) => {
                const [name] = back.result.names;
                if (one && name) this.open(name);
                const said = one ? name : counted(back.result.names.length);
                toaster.say(`${said} restored.`);
              })
              .catch(failed);
          },
        });
        return true;
      } catch (error) {
        failed(error as Error);
        return false;
      }
    },
    revert(name, version) {
      request("revert", { name, version })
        .then(({ result }) => {
          this.open(result.name);
          const now = `that is version ${result.version}`;
          toaster.say(`${result.name} is as in version ${version} again; ${now}.`);
        })
        .catch(failed);
    },
    async use(fill, send) {
      try {
        const { result } = await request("use", { ...fill, send });
        if (result.model_id) take({ event: "chat", data: result });
        return null;
      } catch (error) {
        return shown(error as Error);
      }
    },
    closeChat: () => take({ event: "chat", data: null }),
    write(prompt) {
      take({ event: "form", data: prompt ? formOf(prompt) : emptyForm() });
    },
    typed(form) {
      take({ event: "form", data: form });
      keep(form, form ? SETTLED : 0);
    },
    async save(form, over = false) {
      clearTimeout(keeping);
      try {
        const { result } = await request("save", { edit: editOf(form), over });
        take({ event: "form", data: null });
        this.place({ open: result.name });
        const { name, version } = result;
        const same = version === form.base && name === form.of;
        if (!form.of) toaster.say(`${name} is added.`);
        else if (same) toaster.say(`${name} is as it was.`);
        else toaster.say(`${name} is saved as version ${version}.`);
        return null;
      } catch (error) {
        // What was typed stays, also for a page that is loaded again.
        keep(form, 0);
        return shown(error as Error);
      }
    },
    models() {
      request("models", {})
        .then(({ result }) => take({ event: "groups", data: result }))
        .catch(() => {});
    },
    stopImport() {
      take({ event: "stopping" });
      request("stop_import").catch(failed);
    },
    forgetImport() {
      request("forget_import").catch(failed);
    },
  };
}
