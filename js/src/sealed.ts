// Secrets that are sent and revealed: never in clear, whatever the message passes.
import type { PartLink } from "./connection";
import type { SealedTexts } from "./protocol";
import type * as sealing from "./sealing";

/**
 * Whether this page can seal: on plain http to another machine a browser has no
 * cryptography, and the kernel has to ask by its own prompt.
 */
export const canSeal = (): boolean => crypto.subtle !== undefined;

const fetched = ({ asset }: Pick<PartLink, "asset">) =>
  asset("sealing", __HASHES__.sealing) as Promise<typeof sealing>;

/** Seals texts, by their names, for one request of this view. */
export async function sealed(
  link: PartLink,
  request: string,
  texts: Readonly<Record<string, string>>,
): Promise<SealedTexts> {
  const [{ seal }, { result }] = await Promise.all([
    fetched(link),
    link.request("sealing_key"),
  ]);
  return seal(result, request, texts);
}

/** A key of this page for a value that the kernel reveals. */
export const opener = async (link: Pick<PartLink, "asset">): Promise<sealing.Opener> =>
  (await fetched(link)).opener();
