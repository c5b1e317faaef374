// The part of every view: what each of them takes from here is in the page once.
export { batch, computed, effect, signal, untracked } from "@preact/signals-core";
export { Component, createContext, Fragment, render } from "preact";
export {
  useCallback,
  useContext,
  useEffect,
  useLayoutEffect,
  useMemo,
  useReducer,
  useRef,
  useState,
} from "preact/hooks";
export { jsx, jsxs } from "preact/jsx-runtime";
export { abortion, onAbort, shown } from "./bridge";
export { child } from "./child-widget";
export { Markdown } from "./markdown/Markdown";
export { MarkdownElement } from "./markdown/renderer";
export { isOpen, reduceAnswer, STANDING, stopAfter } from "./message/answer";
export { Problem } from "./message/Problem";
export { Thinking } from "./message/Thinking";
export { Waiting } from "./message/Waiting";
export { documentOf, viewsIn } from "./notebook";
export { removeError } from "./saved-output";
export { stopping } from "./stopping";
export {
  bytes,
  count,
  dollars,
  duration,
  fraction,
  progressLine,
  words,
} from "./ui/amounts";
// In the place of Preact's, for whoever imports that.
export { useId } from "./ui/ids";
export { mount } from "./ui/mount";
export { addStyle } from "./ui/style";
