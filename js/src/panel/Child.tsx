import { useEffect, useRef } from "preact/hooks";

/** Shows the widget with this model id in `el`, until `signal` ends it. */
export type Mount = (id: string, el: HTMLElement, signal: AbortSignal) => Promise<void>;

interface Props {
  id: string;
  mount: Mount;
  onLost: (error: Error) => void;
}

/** The view of another model. */
export function Child({ id, mount, onLost }: Props) {
  const place = useRef<HTMLDivElement>(null);
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
