// Built files, fetched from the kernel once per page and shared by all views.
import { abortion, hex, type Request } from "./bridge";
import type { Load } from "./connection";

type Modules = Map<string, Promise<unknown>>;

/** Milliseconds after which a view no longer waits for another view's transfer. */
const OWN_TRY = 3000;

/**
 * The one thing that outlives the views: transfers by `name:hash`, and imported modules
 * by `hash`, where a part finds those it is built upon.
 */
export const pageModules = (page = globalThis as { [key: symbol]: unknown }) => {
  const ours = Symbol.for("parllama_nb");
  page[ours] ??= new Map();
  return page[ours] as Modules;
};

const importBytes = async (bytes: BlobPart): Promise<unknown> => {
  const url = URL.createObjectURL(new Blob([bytes], { type: "text/javascript" }));
  try {
    return await import(/* @vite-ignore */ url);
  } finally {
    URL.revokeObjectURL(url);
  }
};

/** Returns the loading function of a link; `importer` is for tests. */
export const loading = (importer = importBytes): Load => {
  const modules = pageModules();
  const transfer = async (
    request: Request,
    name: string,
    hash: string,
    signal?: AbortSignal,
    before?: Promise<unknown>,
  ) => {
    const { buffers } = await request("asset", { name }, { signal, repeat: true });
    const bytes = buffers[0] as DataView<ArrayBuffer>;
    // crypto.subtle is absent on plain http.
    const digest = await crypto.subtle?.digest("SHA-256", bytes);
    if (digest && hex(new Uint8Array(digest, 0, 8)) !== hash) {
      throw new Error(`The kernel has another version of ${name}: restart it.`);
    }
    await before;
    // Two transfers of one file are one module: its state is there once.
    if (!modules.has(hash)) modules.set(hash, importer(bytes));
    return modules.get(hash);
  };
  return async (request, name, hash, signal, before) => {
    const key = `${name}:${hash}`;
    for (;;) {
      let shared = modules.get(key);
      const own = !shared;
      if (!shared) {
        shared = transfer(request, name, hash, signal, before);
        modules.set(key, shared);
      }
      let timer: ReturnType<typeof setTimeout> | undefined;
      // Another view's transfer may hang on a busy kernel, so the wait is short.
      const late = new Promise((_, reject) => {
        timer = own ? timer : setTimeout(() => reject(abortion()), OWN_TRY);
      });
      try {
        return await Promise.race([shared, late]);
      } catch (error) {
        if (modules.get(key) === shared) modules.delete(key);
        // The view that asked was removed: then this view asks.
        if (own || signal?.aborted || (error as Error).name !== "AbortError")
          throw error;
      } finally {
        clearTimeout(timer);
      }
    }
  };
};
