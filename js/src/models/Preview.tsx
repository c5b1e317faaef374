import { useEffect, useState } from "preact/hooks";
import { shown } from "../bridge";
import { Disclosure } from "../kit";
import type { CreateParams, Failure } from "../protocol";
import { scrolling } from "../ui/scrolling";
import type { Actions } from "./actions";
import { Copy } from "./Copy";
import { line } from "./words";

interface Props {
  can: Actions;
  disabled: boolean;
  params: CreateParams;
}

/** Milliseconds without a key after which the Modelfile is written again. */
const PAUSE = 300;

/** The Modelfile that says what the form says, while it is looked at. */
export function Preview({ can, disabled, params }: Props) {
  return (
    <Disclosure label="Modelfile">
      <Written {...{ can, disabled, params }} />
    </Disclosure>
  );
}

function Written({ can, disabled, params }: Props) {
  const [text, setText] = useState("");
  const [problem, setProblem] = useState<Failure | null>(null);
  const key = JSON.stringify(params);
  useEffect(() => {
    if (disabled) return;
    const ending = new AbortController();
    const timer = setTimeout(() => {
      can
        .request("modelfile", params, { signal: ending.signal })
        .then(({ result }) => {
          setText(result.text);
          setProblem(null);
        })
        .catch((error) => {
          if (!ending.signal.aborted) setProblem(shown(error));
        });
    }, PAUSE);
    return () => {
      clearTimeout(timer);
      ending.abort();
    };
  }, [key, disabled]);
  return (
    <>
      {problem && <div class="pl-quiet">{line(problem)}</div>}
      {text && !problem && (
        <div class="pl-text">
          <pre {...scrolling("Modelfile")}>{text}</pre>
          <Copy label="Copy: Modelfile" text={text} />
        </div>
      )}
    </>
  );
}
