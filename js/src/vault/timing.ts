import { useEffect, useState } from "preact/hooks";

/**
 * What `words` says of the present time, in milliseconds since 1970. It is asked every
 * `period` milliseconds, and the view is rendered again when it says something else.
 */
export function useClock<T extends string | number>(
  words: (now: number) => T,
  period: number,
): T {
  const [, setSaid] = useState<T>();
  const said = words(Date.now());
  useEffect(() => {
    const timer = setInterval(() => setSaid(words(Date.now())), period);
    return () => clearInterval(timer);
  });
  return said;
}
