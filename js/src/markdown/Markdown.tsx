import { useEffect, useLayoutEffect, useRef } from "preact/hooks";
import { MarkdownElement } from "./element";
import type { Typesetter } from "./formulas";

interface Props {
  text: string;
  /** The text will not grow any more. */
  final: boolean;
  loadKatex: () => Promise<Typesetter>;
}

/** Markdown that may still be written. */
export function Markdown({ text, final, loadKatex }: Props) {
  const box = useRef<HTMLDivElement>(null);
  const shown = useRef<MarkdownElement | null>(null);
  // Before the next frame, so that the text is in it.
  useLayoutEffect(() => {
    if (!box.current) return;
    shown.current ??= new MarkdownElement(box.current, loadKatex);
    shown.current.update(text, final);
  }, [text, final, loadKatex]);
  useEffect(() => () => shown.current?.dispose(), []);
  return <div class="pl-markdown" ref={box} />;
}
