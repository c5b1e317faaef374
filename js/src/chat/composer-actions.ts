// What the composer asks of the kernel beside the question itself.
import { shown } from "../bridge";
import type { Link } from "../connection";
import type {
  ChatFact,
  ChatRequests,
  CommandDone,
  CommandOption,
  Failure,
  SlashData,
} from "../protocol";

/** What came of a request that may fail: its result, or why there is none. */
export type Outcome<T> =
  | { done: T; error?: undefined }
  | { error: Failure; done?: undefined };

export interface ComposerActions {
  /** All slash commands; they stay the same as long as the kernel lives. */
  commands(): Promise<readonly SlashData[]>;
  /** What the argument of a command may be. */
  complete(name: string, argument: string): Promise<readonly CommandOption[]>;
  command(
    name: string,
    argument: string,
    confirmed?: boolean,
  ): Promise<Outcome<CommandDone>>;
  detach(id: string): void;
  /** An attached image as an address of the page; null if it cannot be shown. */
  picture(id: string): Promise<string | null>;
  /** The images that were sent with a question, likewise. */
  turnPictures(turn: number): Promise<readonly (string | null)[]>;
}

type Linked = Pick<Link<ChatRequests, ChatFact>, "request">;

const urlOf = (bytes: DataView | undefined, type: string) =>
  bytes && type
    ? URL.createObjectURL(new Blob([bytes as DataView<ArrayBuffer>], { type }))
    : null;

export function composerActions(link: Linked): ComposerActions {
  let commands: Promise<readonly SlashData[]> | undefined;
  return {
    commands() {
      commands ??= link.request("commands").then(({ result }) => result.commands);
      // Asked again next time.
      commands.catch(() => {
        commands = undefined;
      });
      return commands;
    },
    complete: async (name, argument) =>
      (await link.request("complete", { name, argument })).result.options,
    command: (name, argument, confirmed = false) =>
      link
        .request("command", { name, argument, confirmed })
        .then(({ result }) => ({ done: result }))
        .catch((error) => ({ error: shown(error) })),
    detach: (id) => void link.request("detach", { id }).catch(() => {}),
    async picture(id) {
      const { result, buffers } = await link.request("picture", { id });
      return urlOf(buffers[0], result.pictures[0]?.media_type ?? "");
    },
    async turnPictures(turn) {
      const { result, buffers } = await link.request("turn_pictures", { turn });
      return result.pictures.map(({ media_type }, at) =>
        urlOf(buffers[at], media_type),
      );
    },
  };
}
