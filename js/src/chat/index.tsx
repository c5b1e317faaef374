// The view of a conversation.
import { signal as cell } from "@preact/signals-core";
import { kit } from "../kit";
import sent from "../message/sent.css";
import { mount } from "../ui/mount";
import { Toaster } from "../ui/Toasts";
import { actions, type ChatLink } from "./actions";
import { KeptAnswers } from "./answer-cache";
import attached from "./attached.css";
import { Chat } from "./Chat";
import composer from "./composer.css";
import mentions from "./mentions.css";
import options from "./options.css";
import prompts from "./prompts.css";
import { type ChatModel, initial, reduce } from "./reducer";
import style from "./style.css";
import { Uploads } from "./uploads";

const SHEET = style + composer + attached + prompts + mentions + options + sent;

/** All views of a model share one state. */
export function attach(link: ChatLink): (el: HTMLElement, signal: AbortSignal) => void {
  const chat = cell<ChatModel>(initial);
  link.listen((fact) => {
    chat.value = reduce(chat.value, fact);
  });
  const can = actions(link, chat);
  const uploads = new Uploads(link);
  const toaster = new Toaster();

  return (el, signal) => {
    const kept = new KeptAnswers(link);
    mount(link, el, signal, [kit, ["chat", SHEET]], () => {
      // A signal that the view reads renders it again.
      toaster.shown.value;
      return (
        <Chat {...{ kept, uploads, toaster, link }} chat={chat.value} actions={can} />
      );
    });
    signal.addEventListener("abort", () => kept.dispose());
  };
}
