import { useState } from "preact/hooks";
import { hex } from "../bridge";

const fresh = () => `pl-${hex(crypto.getRandomValues(new Uint8Array(6)))}`;

/**
 * An id that no other element of the page has. Preact's own hook counts anew after the
 * third `render` into an element, which is what `mount` does with each change.
 */
export const useId = (): string => useState(fresh)[0];
