// The last gate before the page: nothing but what is listed here gets into it.
import createPurifier, { type Config, type DOMPurify } from "dompurify";

const TAGS =
  "a blockquote br code del div em h1 h2 h3 h4 h5 h6 hr img input li ol p pre span strong table tbody td th thead tr ul";
const ATTRIBUTES =
  "align alt checked class data-display data-lang dir disabled href src start title type";
const MATH_TAGS =
  "annotation math menclose mfrac mi mmultiscripts mn mo mover mpadded mphantom mroot mrow ms mspace msqrt mstyle msub msubsup msup mtable mtd mtext mtr munder munderover semantics";
const MATH_ATTRIBUTES =
  "accent accentunder columnalign columnlines columnspacing depth display displaystyle encoding fence form height largeop linethickness lspace mathbackground mathcolor mathsize mathvariant maxsize minsize movablelimits notation rowalign rowlines rowspacing rspace scriptlevel separator stretchy symmetric voffset width";

const config = (
  tags: string,
  attributes: string,
): Config & { RETURN_DOM_FRAGMENT: true } => ({
  ALLOWED_TAGS: tags.split(" "),
  ALLOWED_ATTR: attributes.split(" "),
  // All but the addresses: else their values would have to be addresses too.
  ADD_URI_SAFE_ATTR: attributes
    .split(" ")
    .filter((name) => !/^(?:href|src)$/.test(name)),
  ALLOW_DATA_ATTR: false,
  ALLOW_ARIA_ATTR: false,
  ALLOWED_URI_REGEXP:
    /^(?:https?:\/\/|mailto:|data:image\/(?:png|jpeg|gif|webp);base64,)/i,
  RETURN_DOM_FRAGMENT: true,
});

const MARKDOWN = config(TAGS, ATTRIBUTES);
const MATH = config(MATH_TAGS, MATH_ATTRIBUTES);

/** DOMPurify's own list lets `data:` be the source of an image; this says which. */
const SOURCE = /^data:image\/(?:png|jpeg|gif|webp);base64,[a-z0-9+/]+=*$/i;

export interface Sanitizer {
  markdown(html: string): DocumentFragment;
  math(html: string): DocumentFragment;
}

// Made once, and shared: it holds the rules and nothing of a view.
let shared: Sanitizer | undefined;

export const sanitizer = (): Sanitizer => {
  shared ??= prepared();
  return shared;
};

function prepared(): Sanitizer {
  const purify: DOMPurify = createPurifier(window);
  purify.addHook("afterSanitizeAttributes", (node) => {
    if (node.nodeName === "A") {
      if (!/^(?:https?:\/\/|mailto:)/i.test(node.getAttribute("href") ?? "")) {
        node.removeAttribute("href");
      }
      node.setAttribute("target", "_blank");
      node.setAttribute("rel", "noopener noreferrer");
    }
    if (node.nodeName === "IMG" && !SOURCE.test(node.getAttribute("src") ?? "")) {
      node.remove();
    }
    if (node.nodeName === "INPUT") {
      node.setAttribute("type", "checkbox");
      node.setAttribute("disabled", "");
    }
  });
  return {
    markdown: (html) => purify.sanitize(html, MARKDOWN),
    math: (html) => purify.sanitize(html, MATH),
  };
}
