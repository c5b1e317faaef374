// What becomes of conversations, as requests to the kernel: files, a summary, a prompt.
import type {
  ConversationFile,
  ExportSession,
  ImportedSessions,
  SavePrompt,
} from "../protocol";
import { download } from "../ui/download";
import type { Toaster } from "../ui/Toasts";
import type { ChatLink } from "./link";
import { titleOf } from "./title";

export interface TransferActions {
  /** Writes a conversation, or all, to a path, or has the browser download it. */
  exportSession(params: ExportSession): Promise<ConversationFile>;
  /** Sends a file of conversations; `report` gets how much has arrived, 0 to 1. */
  importFile(
    file: File,
    report: (part: number) => void,
    signal: AbortSignal,
  ): Promise<ImportedSessions>;
  /** Has the model sum the conversation up, and goes on from there. */
  summarise(): void;
  /** Has a model name the conversation that is shown. */
  suggestName(): void;
  /** Copies the conversation that is shown, and shows the copy. */
  duplicate(): Promise<boolean>;
  /** Makes a prompt of the questions. Returns its name. */
  savePrompt(params: SavePrompt): Promise<string>;
}

/** Bytes of a file in one message. */
const PART = 1_000_000;

interface Means {
  /** Whether the request succeeded; an error is shown. */
  done: (ask: () => Promise<unknown>) => Promise<boolean>;
  toaster: Toaster;
  /** The name of the conversation that is shown. */
  shown: () => string;
  open: (name: string) => Promise<boolean>;
}

export function transferActions(
  link: Pick<ChatLink, "request">,
  { done, toaster, shown, open }: Means,
): TransferActions {
  return {
    async exportSession(params) {
      const { result, buffers } = await link.request("export_session", params);
      const [content] = buffers;
      if (content) download(result.file_name, content);
      return result;
    },
    async importFile(file, report, signal) {
      const { name, size } = file;
      const id = crypto.getRandomValues(new Uint32Array(2)).join("-");
      for (let at = 0; ; at += PART) {
        const data = await file.slice(at, at + PART).arrayBuffer();
        report(size ? at / size : 0);
        const { result } = await link.request(
          "import_part",
          { id, name, size, at },
          { buffers: [data], signal },
        );
        if (result.done) return result;
      }
    },
    summarise: () => void done(() => link.request("summarise")),
    suggestName() {
      toaster.say("A model is asked for a name.");
      void done(async () => {
        const { result } = await link.request("name_by_model");
        toaster.say(`It is called “${titleOf(result.name)}” now.`);
      });
    },
    duplicate: () =>
      done(async () => {
        const { result } = await link.request("duplicate_session", { name: shown() });
        await open(result.name);
      }),
    savePrompt: async (params) =>
      (await link.request("save_prompt", params)).result.name,
  };
}
