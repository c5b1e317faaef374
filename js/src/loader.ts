// The `_esm` of every widget: fetches the view's bundle once per page and, until it
// is there, shows the answer as plain text.
import { loading } from "./assets";
import { onAbort } from "./bridge";
import { type Bundle, connect, type ModelLink } from "./connection";
import type { Model } from "./model";
import { showPlain } from "./plain-text";

interface Initialize {
  model: Model;
  signal?: AbortSignal;
}

interface Render extends Initialize {
  el: HTMLElement;
}

/** Called once for each model: holds what its views share. */
export const widget = (load = loading()) => {
  let link: ModelLink;
  let mount: ReturnType<Bundle["attach"]> | undefined;
  return {
    // The kernel must not be awaited here: its messages wait for this to end.
    initialize({ model, signal }: Initialize) {
      link = connect(model, load, signal);
    },
    render({ model, el, signal: outer }: Render) {
      const ending = new AbortController();
      const plain = new AbortController();
      const { signal } = ending;
      const end = () => {
        ending.abort();
        plain.abort();
      };
      onAbort(outer, end);
      const tell = showPlain(el, link, plain.signal);
      const fail = (error: Error) => {
        if (!signal.aborted) tell(error.message);
      };
      link.hello(signal).catch(fail);
      // The view's parts are asked for at once and imported in order.
      const hashes = (model.get("bundle") as string).split(" ");
      let part: Promise<unknown> | undefined;
      Promise.all(
        (model.get("view") as string).split(" ").map((name, at) => {
          part = link.asset(name, hashes[at] as string, signal, part);
          return part;
        }),
      )
        .then((parts) => {
          if (signal.aborted) return;
          mount ??= (parts.at(-1) as Bundle).attach(link);
          plain.abort();
          el.replaceChildren();
          mount(el, signal);
        })
        .catch(fail);
      return end;
    },
  };
};

export default () => widget();
