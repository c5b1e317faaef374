import { useEffect, useLayoutEffect, useRef } from "preact/hooks";
import type { Assets } from "../connection";
import { MarkdownElement } from "./renderer";

interface Props {
  text: string;
  /** The text will not grow any more. */
  final: boolean;
  link: Assets;
}

/** Markdown that may still be written. */
export function Markdown({ text, final, link }: Props) {
  const box = useRef<HTMLDivElement>(null);
  const shown = useRef<MarkdownElement | null>(null);
  // Synchronously, so that the next frame shows the text.
  useLayoutEffect(() => {
    if (!box.current) return;
    shown.current ??= new MarkdownElement(box.current, link);
    shown.current.update(text, final);
  }, [text, final, link]);
  useEffect(() => () => shown.current?.dispose(), []);
  return <div class="pl-markdown" ref={box} />;
}
