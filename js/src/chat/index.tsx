// The view of a conversation.
import { signal as cell } from "@preact/signals-core";
import { kit } from "../kit";
import type { CodeTool } from "../markdown/code";
import sent from "../message/sent.css";
import { mount } from "../ui/mount";
import { actions } from "./actions";
import { KeptAnswers } from "./answer-cache";
import attached from "./attached.css";
import { Chat } from "./Chat";
import composer from "./composer.css";
import type { ChatLink } from "./link";
import mentions from "./mentions.css";
import { canInsert, cellText, insertCell } from "./new-cell";
import options from "./options.css";
import prompts from "./prompts.css";
import { type ChatModel, initial, reduce } from "./reducer";
import sessions from "./sessions.css";
import style from "./style.css";
import turns from "./turns.css";
import { Uploads } from "./uploads";

const SHEET = [
  style,
  sessions,
  turns,
  composer,
  attached,
  prompts,
  mentions,
  options,
  sent,
];

/** All views of a model share one state. */
export function attach(link: ChatLink): (el: HTMLElement, signal: AbortSignal) => void {
  const chat = cell<ChatModel>(initial);
  link.listen((fact) => {
    chat.value = reduce(chat.value, fact);
  });
  const can = actions(link, chat);
  const uploads = new Uploads(link);

  return (el, signal) => {
    const kept = new KeptAnswers(link, canInsert(link) ? toNewCell(link) : undefined);
    mount(link, el, signal, [kit, ["chat", SHEET.join("")]], () => (
      <Chat {...{ kept, uploads, link }} chat={chat.value} actions={can} />
    ));
    signal.addEventListener("abort", () => kept.dispose());
  };
}

/** The button of a block of code that puts it into a new cell. */
const toNewCell = (link: ChatLink): CodeTool => ({
  label: "To a new cell",
  fits: (language) => cellText("x", language) !== undefined,
  use(code, language) {
    const text = cellText(code.textContent ?? "", language);
    if (text === undefined) return "It is empty";
    return insertCell(link, code, text) ? "Inserted below" : "No notebook here";
  },
});
