import { useEffect, useRef, useState } from "preact/hooks";
import { shown } from "../bridge";
import type { PartLink } from "../connection";
import type * as controls from "../kit";
import type { Failure } from "../protocol";
import { addStyle } from "../ui/style";

interface Props {
  error: Failure;
  link: PartLink;
  /** Asks the question again. */
  onAgain: () => Promise<void>;
}

/**
 * The button for what a question misses, which asks it again. The controls are fetched
 * only now: an answer needs none.
 */
export function Mend({ error, link, onAgain }: Props) {
  const box = useRef<HTMLDivElement>(null);
  const [kit, setKit] = useState<typeof controls | null>(null);
  const [problem, setProblem] = useState<Failure | null>(null);
  useEffect(() => {
    let ended = false;
    (link.asset("kit", __HASHES__.kit) as Promise<typeof controls>).then(
      (fetched) => {
        if (ended || !box.current) return;
        addStyle(box.current, [fetched.kit]);
        setKit(fetched);
      },
      // Without them the hint still says what to do.
      () => {},
    );
    return () => {
      ended = true;
    };
  }, []);
  const again = () => {
    setProblem(null);
    onAgain().catch((error) => setProblem(shown(error)));
  };
  const { missing_key: key } = error;
  const props = { link, again: "Ask again" };
  return (
    <div class="pl-view pl-mend" ref={box}>
      {kit &&
        (key ? (
          <kit.AddKey {...props} name={key} onAdded={again} />
        ) : (
          <kit.UnlockVault {...props} onUnlocked={again} />
        ))}
      {kit && problem && <kit.Problem error={problem} />}
    </div>
  );
}
