import { useEffect, useState } from "preact/hooks";
import type { PartLink } from "../connection";
import type { VaultData } from "../protocol";

export type Vaults = ReadonlyMap<string, VaultData>;

/**
 * How the vault stands for each of these names of keys ("" is for no key): asked now, and
 * again whenever the vault has changed, wherever that was.
 */
export function useVault(link: PartLink, names: readonly string[]): Vaults {
  const [known, setKnown] = useState<Vaults>(new Map());
  useEffect(() => {
    const ending = new AbortController();
    const { signal } = ending;
    const ask = () => {
      for (const name of names)
        link
          .request("vault", { name }, { signal })
          .then(({ result }) => setKnown((now) => new Map(now).set(name, result)))
          // Without an answer the button is as before, and asks when it is used.
          .catch(() => {});
    };
    // What was before is told at once, and is no news.
    let listening = false;
    link.listen(({ event }) => {
      if (listening && event === "lock") ask();
    }, signal);
    listening = true;
    ask();
    return () => ending.abort();
  }, [names.join("\n")]);
  return known;
}
