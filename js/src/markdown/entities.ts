// Character references of HTML in Markdown: `&lt;`, `&copy;`, `&#65;`.
import { escapeHtml } from "./escape";

const REFERENCE = /&(?:#(?:\d{1,7}|x[\da-f]{1,6})|[a-z][a-z\d]{1,31});/gi;
const known = new Map<string, boolean>();

/** Whether a browser reads all of a reference as one character, or as two. */
function isReference(text: string): boolean {
  if (text.charAt(1) === "#") return true;
  let found = known.get(text);
  if (found === undefined) {
    const box = document.createElement("textarea");
    box.innerHTML = text;
    // Of `&notit;` a browser reads `&not`, and the rest stays.
    found = box.value.length <= 2;
    known.set(text, found);
  }
  return found;
}

/** A text of Markdown as HTML that shows it: what is no reference is escaped. */
export function textHtml(text: string): string {
  let html = "";
  let from = 0;
  for (const { 0: reference, index } of text.matchAll(REFERENCE)) {
    if (!isReference(reference)) continue;
    html += escapeHtml(text.slice(from, index)) + reference;
    from = index + reference.length;
  }
  return html + escapeHtml(text.slice(from));
}

/** The text that Markdown means, without references. */
export function plainText(text: string): string {
  if (!text.includes("&")) return text;
  const box = document.createElement("textarea");
  box.innerHTML = textHtml(text);
  return box.value;
}
