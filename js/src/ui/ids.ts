import { useState } from "preact/hooks";
import { hex } from "../bridge";

/**
 * An id that no other element of the page has. Preact's own counts within one root, and
 * a page has many: a label would be that of another view's field.
 */
export const useId = (): string =>
  useState(() => `pl-${hex(crypto.getRandomValues(new Uint8Array(8)))}`)[0];
