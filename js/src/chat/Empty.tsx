import { Button } from "../ui/Button";
import type { Actions } from "./actions";
import type { ChatModel } from "./reducer";

interface Props {
  chat: ChatModel;
  actions: Actions;
}

const EXAMPLES = [
  "Explain what a Python decorator does, with a short example.",
  "What could make a pandas merge return more rows than either frame?",
  "Write a regular expression for ISO dates and explain each part.",
];

/** What an empty chat shows: examples, or how to get a model. */
export function Empty({ chat, actions }: Props) {
  const { session, heard } = chat;
  const model = session.model ?? chat.default?.model;
  const problem = session.model ? null : chat.default?.error;
  return (
    <div class="pl-newcomer">
      <h2>What would you like to know?</h2>
      {problem ? (
        <div class="pl-newcomer-help">
          <p>{problem.message}</p>
          {problem.hint && <p class="pl-quiet">{problem.hint}</p>}
          {problem.code === "no-model" && (
            <Button
              label="Use the demo model (90 MB, runs on this machine)"
              kind="primary"
              onClick={() => actions.setModel("embedded/smollm2")}
            />
          )}
        </div>
      ) : (
        <p class="pl-quiet">
          {model ? `${model} answers. ` : ""}Enter sends, Shift+Enter starts a new line.
          This chat and <code>%%parllama {session.option}</code> cells are one
          conversation.
        </p>
      )}
      {!problem && (
        <ul class="pl-examples">
          {EXAMPLES.map((text) => (
            <li key={text}>
              <button
                type="button"
                disabled={heard === false}
                onClick={() => actions.send(text)}
              >
                {text}
              </button>
            </li>
          ))}
        </ul>
      )}
    </div>
  );
}
