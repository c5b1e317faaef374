// What an answer is made of on the page: each block is one element.
import type { Direction } from "./scripts";

/** Anything whose content is settled or small: rendered as a whole. */
export interface HtmlBlock {
  kind: "html";
  html: string;
}

/** A fence whose end has not come: its text only grows. */
export interface OpenCodeBlock {
  kind: "code";
  info: string;
  text: string;
}

/** A list: rendered item by item, since answers are often one long list. */
export interface ListBlock {
  kind: "list";
  ordered: boolean;
  start: number;
  direction: Direction;
  /** The HTML of each item. The first `fixed` only change with `version`. */
  items: string[];
  fixed: number;
  version: number;
}

export type Block = HtmlBlock | OpenCodeBlock | ListBlock;
