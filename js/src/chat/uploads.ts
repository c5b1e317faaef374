// Files on their way from the page to the kernel: in parts, one after the other.
import { type Signal, signal } from "@preact/signals-core";
import { shown } from "../bridge";
import type { Link } from "../connection";
import type {
  AttachmentLimits,
  ChatFact,
  ChatRequests,
  ChatTabs,
  Failure,
} from "../protocol";
import { bytes } from "../ui/amounts";

/** Pixels of the height of a thumbnail, for screens with twice as many as they say. */
const HEIGHT = 96;

/** Until the kernel has said what it takes. */
export const NO_LIMITS: AttachmentLimits = {
  file: 0,
  image: 0,
  message: 0,
  count: 0,
  part: 1_000_000,
};

/** What is attached already: how many, and how large. */
export interface Load {
  count: number;
  size: number;
}

type Linked = Pick<Link<ChatRequests, ChatFact>, "request">;

/**
 * Why a file cannot be attached, which is said before it is read; null if it can.
 * What a file is says the kernel, by its bytes.
 */
export function refusal(
  file: Pick<File, "name" | "size" | "type">,
  load: Load,
  limits: AttachmentLimits,
): string | null {
  const image = file.type.startsWith("image/");
  const most = image ? limits.image : limits.file;
  if (file.size > most)
    return `${file.name} is ${bytes(file.size)}; ${image ? "an image" : "a file"} may have ${bytes(most)}.`;
  if (load.count + 1 > limits.count)
    return `A question can have ${limits.count} attachments.`;
  if (load.size + file.size > limits.message)
    return `With ${file.name} the attachments have ${bytes(load.size + file.size)}; all of a message may have ${bytes(limits.message)}.`;
  return null;
}

export class Uploads {
  /** How much of each file has arrived, from 0 to 1, by the attachment's id. */
  readonly progress: Signal<ReadonlyMap<string, number>> = signal(new Map());
  #link: Linked;
  #pictures = new Map<string, Promise<string | null>>();
  #wanted = new Set<string>();
  /** The tab of each attachment that this page has sent. */
  #tabs = new Map<string, string>();
  #queue: Promise<unknown> = Promise.resolve();

  constructor(link: Linked) {
    this.#link = link;
  }

  /** Sends files for a tab; those that cannot be attached are told to `complain`. */
  add(
    files: readonly File[],
    tab: string,
    load: Load,
    limits: AttachmentLimits,
    complain: (error: Failure) => void,
  ): void {
    let { count, size } = load;
    for (const file of files) {
      const why = refusal(file, { count, size }, limits);
      if (why) {
        complain({ code: "usage", message: why });
        continue;
      }
      count++;
      size += file.size;
      // One file at a time: they share one connection.
      this.#queue = this.#queue.then(() =>
        this.#send(file, tab, limits.part).catch((error) => complain(shown(error))),
      );
    }
  }

  /** Ends what is under way for an attachment. */
  drop(id: string): void {
    this.#wanted.delete(id);
    this.#set(id, null);
  }

  /** Forgets all attachments of the tab that is shown but these, and of closed tabs. */
  keep(ids: ReadonlySet<string>, { tabs, current }: ChatTabs): void {
    const open = new Set(tabs.flatMap(({ id, locked }) => (locked ? [] : [id])));
    for (const [id, tab] of [...this.#tabs])
      if (tab === current ? !ids.has(id) : !open.has(tab)) this.#forget(id);
  }

  /** A thumbnail of an image that this page has sent, if it has. */
  picture(id: string): Promise<string | null> | undefined {
    return this.#pictures.get(id);
  }

  async #send(file: File, tab: string, part: number): Promise<void> {
    const { name, size } = file;
    const { id } = (await this.#link.request("upload", { tab, name, size })).result;
    this.#tabs.set(id, tab);
    this.#wanted.add(id);
    if (file.type.startsWith("image/")) this.#pictures.set(id, thumbnail(file));
    for (let at = 0; at < size && this.#wanted.has(id); ) {
      this.#set(id, at / size);
      let data: ArrayBuffer;
      try {
        data = await file.slice(at, at + part).arrayBuffer();
      } catch {
        // It was changed or removed, or it is a folder.
        if (this.#wanted.has(id)) await this.#link.request("detach", { id });
        throw Object.assign(new Error(`${name} cannot be read.`), {
          code: "usage",
          hint: "A folder cannot be attached; choose the files in it.",
        });
      }
      if (!this.#wanted.has(id)) break;
      try {
        await this.#link.request("upload_part", { id, at }, { buffers: [data] });
      } catch (error) {
        // Where the user has removed it meanwhile, nothing is to be said.
        if (this.#wanted.has(id)) throw error;
        break;
      }
      at += data.byteLength;
    }
    this.#wanted.delete(id);
    this.#set(id, null);
  }

  #set(id: string, part: number | null): void {
    const next = new Map(this.progress.value);
    if (part === null) next.delete(id);
    else next.set(id, part);
    if (part !== null || this.progress.value.has(id)) this.progress.value = next;
  }

  #forget(id: string): void {
    this.drop(id);
    void this.#pictures.get(id)?.then((url) => url && URL.revokeObjectURL(url));
    this.#pictures.delete(id);
    this.#tabs.delete(id);
  }
}

/** A small picture of an image, made off the page's thread; null if it is none. */
async function thumbnail(file: File): Promise<string | null> {
  try {
    const image = await createImageBitmap(file, {
      resizeHeight: HEIGHT,
      resizeQuality: "medium",
    });
    const canvas = document.createElement("canvas");
    canvas.width = Math.min(image.width, 3 * HEIGHT);
    canvas.height = image.height;
    canvas.getContext("2d")?.drawImage(image, 0, 0);
    image.close();
    const made = await new Promise<Blob | null>((done) => canvas.toBlob(done));
    return made && URL.createObjectURL(made);
  } catch {
    return null;
  }
}
