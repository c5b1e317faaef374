import { useEffect, useRef } from "preact/hooks";
import type { Link } from "../link";

interface Props {
  id: string;
  mount: Link["child"];
  onLost: (error: Error) => void;
}

/** The view of another model, in a place of its own. */
export function Child({ id, mount, onLost }: Props) {
  const place = useRef<HTMLDivElement>(null);
  // biome-ignore lint/correctness/useExhaustiveDependencies: a model is mounted once
  useEffect(() => {
    const ending = new AbortController();
    const { signal } = ending;
    mount(id, place.current as HTMLElement, signal).catch((error) => {
      if (!signal.aborted) onLost(error);
    });
    return () => ending.abort();
  }, [id]);
  return <div ref={place} />;
}
