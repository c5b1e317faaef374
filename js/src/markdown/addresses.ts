// Addresses: those that stand in a text without any mark, and what a link may lead to.
import { charBefore, inWord } from "./scripts";

/** Characters. Words of a text are shorter, and so is the time that looking takes. */
const LONGEST = 2000;
// A full-width sign ends an address, and so does what may begin bold text after it.
const BARE =
  /(?:https?:\/\/|www\.)(?=[\p{L}\p{N}])(?:(?!\*\*|~~)[^\s<>`|"\\\u2018-\u201f\u2026\u3000-\u303f\uff01-\uff0f\uff1a-\uff20\uff3b-\uff40\uff5b-\uff65]){1,2000}/iuy;
// A bracket that the address has not opened ends one of the text.
const BALANCED = /^[^[\]]*(?:\[[^[\]]*\][^[\]]*)*/;
// Arabic has signs of its own, and so has Hindi.
const TRAILING = /(?:[?!.,:;*_~'\u060c\u061b\u061f\u06d4\u0964]|&[a-z\d]+;)+$/i;

/** Where the address that begins at `at` without any mark ends, or -1. */
export function bareAddressEnd(text: string, at: number): number {
  if (inWord(charBefore(text, at)) || charBefore(text, at) === "_") return -1;
  BARE.lastIndex = at;
  const whole = BARE.exec(text)?.[0] ?? "";
  if (whole.length >= LONGEST) return -1;
  let found = BALANCED.exec(whole)?.[0] ?? "";
  for (let length = -1; length !== found.length; ) {
    length = found.length;
    found = found.replace(TRAILING, "");
    const closed = found.split(")").length > found.split("(").length;
    if (closed && found.endsWith(")")) found = found.slice(0, -1);
  }
  return /^(?:https?:\/\/|www\.)./i.test(found) ? at + found.length : -1;
}

const SAFE_LINK = /^(?:https?:\/\/|mailto:)[^\s]/i;

/** What a browser makes of a link's address, or "" if it may not be followed. */
export function linkAddress(href: string): string {
  const clean = Array.from(href)
    .filter((char) => char >= " " && char !== "\u007f")
    .join("")
    .trim()
    .replaceAll(" ", "%20");
  return SAFE_LINK.test(clean) ? clean : "";
}

/** Whether an address leads to a file beside the notebook, which a view has not. */
export const isRelative = (href: string) => /^[^:&]*(?:[/?#]|$)/.test(href);
