import { useEffect, useState } from "preact/hooks";
import type { Assets } from "../connection";
import type * as judging from "../strength";

export type Strength = judging.Strength;

/** The judge, once it is there; `null` where it cannot be fetched. */
function useJudge(link: Assets): typeof judging.strength | null | undefined {
  const [judge, setJudge] = useState<{ of: typeof judging.strength | null }>();
  useEffect(() => {
    let left = false;
    link.asset("strength", __HASHES__.strength).then(
      (part) => left || setJudge({ of: (part as typeof judging).strength }),
      // The kernel judges it all the same.
      () => left || setJudge({ of: null }),
    );
    return () => {
      left = true;
    };
  }, []);
  return judge?.of;
}

/** How hard a password is to guess, `undefined` while that is not known. */
export function useStrength(link: Assets, password: string): Strength | undefined {
  const judge = useJudge(link);
  return password && judge ? judge(password) : undefined;
}

const LEVELS = 4;

/** Not a <meter>: browsers do not let its bar be drawn otherwise. */
const meter = (label: string, level: number, text: string): object => ({
  role: "meter",
  "aria-label": label,
  "aria-valuemin": 0,
  "aria-valuemax": LEVELS,
  "aria-valuenow": level,
  "aria-valuetext": text,
});

/** The strength of a password, in words as well as in colour. */
export function Meter({ strength }: { strength: Strength | undefined }) {
  const { level = 0, word = "", enough = false, advice = [] } = strength ?? {};
  return (
    <div class={`pl-meter pl-meter-${level}`}>
      <div
        class="pl-meter-bar"
        {...meter("Strength of the password", level, word || "not typed yet")}
      >
        {Array.from({ length: LEVELS }, (_, at) => (
          <span key={at} class={at < level ? "pl-meter-full" : undefined} />
        ))}
      </div>
      <div class="pl-meter-words" role="status">
        {word && (
          <>
            <strong>{word.charAt(0).toUpperCase() + word.slice(1)}.</strong>{" "}
            {!enough && "Five or six random words make a strong one. "}
            {advice.join(" ")}
          </>
        )}
      </div>
    </div>
  );
}
