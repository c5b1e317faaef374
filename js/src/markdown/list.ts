// A list that is still being written: finished items are rendered once.
import type { Token, Tokens } from "marked";
import type { ListBlock } from "./blocks";
import { type Direction, direction } from "./scripts";

type Item = Tokens.ListItem;

const ENDS_BLANK = /\n[ \t]*\n[ \t]*$/;
const HAS_BLANK = /\n.*\n/;

/** Whether an item with another one behind it makes its list a loose one. */
const loosens = ({ raw, tokens }: Item) =>
  ENDS_BLANK.test(raw) ||
  tokens.some((token) => token.type === "space" && HAS_BLANK.test(token.raw));

/** What the lexer does with all items of a list in which one is loose. */
function loosened(item: Item): Item {
  if (item.loose) return item;
  let tokens = item.tokens;
  const [box, text] = tokens;
  if (box?.type === "checkbox") {
    const inner = text && "tokens" in text ? text.tokens : undefined;
    const first: Token = inner
      ? ({ ...text, tokens: [box, ...inner] } as Token)
      : { type: "paragraph", raw: box.raw, text: box.raw, tokens: [box] };
    tokens = [first, ...tokens.slice(inner ? 2 : 1)];
  }
  tokens = tokens.map((token) =>
    token.type === "text" ? ({ ...token, type: "paragraph" } as Token) : token,
  );
  return { ...item, tokens, loose: true };
}

export class GrowingList {
  readonly block: ListBlock;
  #done: Item[] = [];
  /** Whether the finished items make the list a loose one. */
  #loose = false;
  #shown = false;
  /** The direction of the finished items. */
  #own: Direction | undefined;
  #html: (item: Item, around: Direction) => string;

  constructor(
    { ordered, start }: Tokens.List,
    html: (item: Item, around: Direction) => string,
  ) {
    this.#html = html;
    this.block = {
      kind: "list",
      ordered,
      start: ordered ? Number(start) : 1,
      direction: "ltr",
      items: [],
      fixed: 0,
      version: 0,
    };
  }

  /**
   * Shows the list as it is lexed from the first unfinished item on, of which
   * `finished` items cannot change; gives how many of them are taken as such.
   */
  show(list: Tokens.List, finished: number): number {
    const { block } = this;
    const over = finished === list.items.length;
    const done = list.items.slice(0, finished);
    const loose = this.#loose || list.loose;
    const certain = over ? loose : this.#loose || done.some(loosens);
    // An item that was lexed as loose for the sake of an unfinished one must wait.
    const taken = certain === loose ? finished : 0;

    const own = this.#own ?? direction(list.items) ?? "ltr";
    const html = (item: Item) => this.#html(loose ? loosened(item) : item, own);
    if (loose !== this.#shown || own !== block.direction) {
      this.#shown = loose;
      block.direction = own;
      block.version++;
      block.items = this.#done.map(html);
    }
    block.items.length = block.fixed;
    block.items.push(...list.items.map(html));
    if (taken > 0) {
      this.#loose = certain;
      this.#own ??= direction(done);
      this.#done.push(...done);
      block.fixed += taken;
    }
    return taken;
  }
}
