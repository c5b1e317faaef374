// What differs between two texts, word by word.
import { diffArrays } from "diff";

export interface Piece {
  kind: "same" | "added" | "removed";
  text: string;
}

/** With more differing words than this, two texts have too little in common. */
const MOST = 1500;

const WORDS = /\s+|[\p{L}\p{N}\p{M}_'’]+|[^\s\p{L}\p{N}\p{M}_'’]/gu;

const WORD = /[\p{L}\p{N}]/u;

export const wordsOf = (text: string): string[] => text.match(WORDS) ?? [];

/** The pieces of `before` and `after` in order; joined, each text is whole. */
export function difference(before: string, after: string): Piece[] {
  const found = diffArrays(wordsOf(before), wordsOf(after), { maxEditLength: MOST });
  const pieces: Piece[] = found
    ? found.map(({ added, removed, value }) => ({
        kind: added ? "added" : removed ? "removed" : "same",
        text: value.join(""),
      }))
    : [
        { kind: "removed", text: before },
        { kind: "added", text: after },
      ];
  return pieces.filter(({ text }) => text);
}

/**
 * Merges pieces to be read more easily: between words that are replaced one after the
 * other, spaces and punctuation belong to both texts.
 */
export function readable(pieces: readonly Piece[]): Piece[] {
  const found: Piece[] = [];
  let removed = "";
  let added = "";
  const end = () => {
    if (removed) found.push({ kind: "removed", text: removed });
    if (added) found.push({ kind: "added", text: added });
    removed = added = "";
  };
  pieces.forEach(({ kind, text }, at) => {
    if (kind === "removed") removed += text;
    else if (kind === "added") added += text;
    else if (removed && added && !WORD.test(text) && at < pieces.length - 1) {
      removed += text;
      added += text;
    } else {
      end();
      found.push({ kind, text });
    }
  });
  end();
  return found;
}
