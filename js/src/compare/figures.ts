// What an answer took and cost, in words.
import type { Column } from "./reducer";

export interface Figure {
  name: string;
  value: string;
}

/** Characters of a token in English, about. */
const TOKEN = 4;

/** Seconds of streaming below which a speed would be meaningless. */
const SHORTEST = 0.5;

const seconds = (value: number) => `${value.toFixed(value < 10 ? 2 : 1)} s`;

/** Tokens a second of a streaming answer, estimated from its length. */
export function guessedSpeed(column: Column): number | null {
  const { asked_s, first_token_s, at, text, thinking } = column;
  if (column.state !== "streaming" || first_token_s == null) return null;
  const since = at - asked_s - first_token_s;
  if (since < SHORTEST) return null;
  return (text.length + thinking.length) / TOKEN / since;
}

/** The known figures of a column, in the order of their display. */
export function figures(column: Column): Figure[] {
  const found: Figure[] = [];
  const add = (name: string, value: string | null | undefined) => {
    if (value) found.push({ name, value });
  };
  const { first_token_s: first, total_s, tokens_per_s, output_tokens: out } = column;
  add("First token", first == null ? null : seconds(first));
  add("Time", total_s == null ? null : seconds(total_s));
  const guess = guessedSpeed(column);
  const speed = tokens_per_s ?? guess;
  if (speed != null)
    add("Speed", `${guess == null ? "" : "≈ "}${Math.round(speed)} tokens/s`);
  if (out != null) {
    const sent = column.input_tokens;
    const asked = sent == null ? "" : `${sent.toLocaleString("en")} → `;
    add("Tokens", `${asked}${out.toLocaleString("en")}`);
  }
  add("Cost", column.cost);
  return found;
}

/** Splits a model's name into its provider and the rest. */
export function parts(model: string): [provider: string, name: string] {
  const slash = model.indexOf("/");
  return slash < 0 ? ["", model] : [model.slice(0, slash + 1), model.slice(slash + 1)];
}
