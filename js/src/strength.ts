// How hard a password is to guess, as the kernel judges it too: it uses a port of this
// library, so that what is shown while typing is what is decided. A file of its own, for
// its lists of words.
import zxcvbn from "zxcvbn";

/** As in parllama_nb/vaults/strength.py. */
const JUDGED = 24;
const LEAST_GUESSES = 1e10;
const WORDS = [
  [1e6, "very weak"],
  [1e10, "weak"],
  [1e12, "fair"],
  [1e16, "strong"],
] as const;

export interface Strength {
  /** From 0 to 4, for a meter. */
  level: number;
  word: string;
  /** Whether a vault accepts it. */
  enough: boolean;
  /** What is wrong with it, and what would be better. */
  advice: string[];
}

/** Characters of one unit for private use: as many as there are, and the first. */
const PRIVATE = 0x1900;
const FIRST_PRIVATE = 0xe000;

/** A character that counts as one, as in Python: an emoji has two units here. */
const single = (character: string) => {
  const point = character.codePointAt(0) ?? 0;
  return point > 0xffff
    ? String.fromCharCode(FIRST_PRIVATE + (point % PRIVATE))
    : character;
};

export function strength(password: string): Strength {
  const characters = [...password.normalize("NFC")].slice(0, JUDGED);
  const { guesses, feedback } = zxcvbn(characters.map(single).join(""));
  const at = WORDS.findIndex(([limit]) => guesses < limit);
  const level = at < 0 ? WORDS.length : at;
  return {
    level,
    word: WORDS[level]?.[1] ?? "very strong",
    enough: guesses >= LEAST_GUESSES,
    advice: [feedback.warning, ...feedback.suggestions]
      .filter(Boolean)
      .map((sentence) => `${sentence.replace(/\.$/, "")}.`),
  };
}
