// What the user can do with the vault, as requests to the kernel. Passwords and values
// leave the page sealed.
import { shown } from "../bridge";
import type { Link } from "../connection";
import { opener, sealed } from "../kit";
import type {
  AuditData,
  BackupsData,
  DifferenceData,
  Failure,
  FoundSecrets,
  SecretData,
  SecretsFile,
  VaultFact,
  VaultRequests,
} from "../protocol";
import type { Toaster } from "../ui/Toasts";
import type { VaultAct } from "./reducer";
import { type Outcome, outcome } from "./trying";

export type VaultLink = Link<VaultRequests, VaultFact>;

export interface NewValue {
  name: string;
  value: string;
  /** The version that is replaced; 0 for a new secret. */
  expect: number;
  /** Whether it is put into the environment; null leaves that as it is. */
  marked: boolean | null;
}

export interface Actions {
  link: VaultLink;
  toaster: Toaster;
  create(password: string): Promise<Outcome<unknown>>;
  /** `older` accepts a file that the user has put back on purpose. */
  unlock(password: string, older?: boolean): Promise<Outcome<unknown>>;
  lock(): void;
  changePassword(old: string, fresh: string): Promise<Outcome<unknown>>;
  store(secret: NewValue): Promise<Outcome<unknown>>;
  reveal(name: string, signal: AbortSignal): Promise<Outcome<string>>;
  remove(secret: SecretData): Promise<Outcome<unknown>>;
  mark(name: string, on: boolean): void;
  /** The user was told what a mark means. */
  warned(): void;
  audit(before: number | null): Promise<Outcome<AuditData>>;
  backup(path: string): Promise<Outcome<string>>;
  backups(): Promise<Outcome<BackupsData>>;
  /** Says what a backup would change, or with `apply` puts it back. */
  restore(
    path: string,
    password: string,
    apply: boolean,
  ): Promise<Outcome<DifferenceData>>;
  findFile(path: string): Promise<Outcome<SecretsFile>>;
  /** `password` is null for a file without one. */
  readFile(path: string, password: string | null): Promise<Outcome<FoundSecrets>>;
  importNames(names: string[], marked: boolean): Promise<Outcome<number>>;
  dropFile(): void;
}

/** A failure in one line. */
const line = ({ message, hint }: Failure) => (hint ? `${message} ${hint}` : message);

/** The actions of one rendered view: what it asks ends with `signal`. */
export function actions(
  link: VaultLink,
  toaster: Toaster,
  take: (act: VaultAct) => void,
  signal: AbortSignal,
): Actions {
  const { request } = link;
  const ending = { signal };
  const failed = (error: Error) => {
    // A request that ends with its page is no news.
    if (error.name !== "AbortError") toaster.say(line(shown(error)), "error");
  };
  const seal = (method: string, texts: Readonly<Record<string, string>>) =>
    sealed(link, method, texts);
  return {
    link,
    toaster,
    create: (password) =>
      outcome(
        seal("create", { password }).then((box) =>
          request("create", { sealed: box }, ending),
        ),
      ),
    async unlock(password, older = false) {
      const done = await outcome(
        seal("unlock", { password }).then((box) =>
          request("unlock", { sealed: box, older }, ending),
        ),
      );
      const wait = done.error?.wait;
      if (wait) take({ event: "wait", data: { seconds: wait } });
      return done;
    },
    lock: () => void request("lock", {}, ending).catch(failed),
    changePassword: (old, fresh) =>
      outcome(
        seal("change_password", { old, new: fresh }).then((box) =>
          request("change_password", { sealed: box }, ending),
        ),
      ),
    store: ({ name, value, expect, marked }) =>
      outcome(
        seal("set", { value }).then((box) =>
          request("set", { name, sealed: box, expect, export: marked }, ending),
        ),
      ),
    reveal: (name, signal) =>
      outcome(
        opener(link).then(async ({ publicKey: public_key, open }) => {
          const { result } = await request("reveal", { name, public_key }, { signal });
          return open(result.sealed, `reveal/${name}`);
        }),
      ),
    remove: ({ name, version: expect }) =>
      outcome(request("remove", { name, expect }, ending)),
    mark(name, on) {
      take({ event: "marking", data: { name, on: true } });
      request("mark", { name, export: on }, ending)
        .catch(failed)
        .finally(() => take({ event: "marking", data: { name, on: false } }));
    },
    warned: () => take({ event: "warned", data: {} }),
    audit: (before) =>
      outcome(request("audit", { before }, ending).then(({ result }) => result)),
    backup: (path) =>
      outcome(request("backup", { path }, ending).then(({ result }) => result.path)),
    backups: () => outcome(request("backups", {}, ending).then(({ result }) => result)),
    restore: (path, password, apply) =>
      outcome(
        seal("restore", { password }).then(async (box) => {
          const asked = { path, sealed: box, apply };
          return (await request("restore", asked, ending)).result;
        }),
      ),
    findFile: (path) =>
      outcome(request("import_file", { path }, ending).then(({ result }) => result)),
    readFile: (path, password) =>
      outcome(
        (async () => {
          const box =
            password === null
              ? {}
              : { sealed: await seal("import_read", { password }) };
          return (await request("import_read", { path, ...box }, ending)).result;
        })(),
      ),
    importNames: (names, marked) =>
      outcome(
        request("import", { names, export: marked }, ending).then(
          ({ result }) => result.count,
        ),
      ),
    // Not by `ending`: it is asked when the view ends, too.
    dropFile: () => void request("import_drop").catch(() => {}),
  };
}
