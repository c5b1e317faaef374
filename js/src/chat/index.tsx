// The view of a conversation.
import { signal as cell } from "@preact/signals-core";
import { kit } from "../kit";
import sent from "../message/sent.css";
import { mount } from "../ui/mount";
import { actions, type ChatLink } from "./actions";
import { KeptAnswers } from "./answer-cache";
import { Chat } from "./Chat";
import composer from "./composer.css";
import options from "./options.css";
import prompts from "./prompts.css";
import { type ChatModel, initial, reduce } from "./reducer";
import style from "./style.css";

/** All views of a model share one state. */
export function attach(link: ChatLink): (el: HTMLElement, signal: AbortSignal) => void {
  const chat = cell<ChatModel>(initial);
  link.listen((fact) => {
    chat.value = reduce(chat.value, fact);
  });
  const can = actions(link, chat);

  return (el, signal) => {
    const kept = new KeptAnswers(link);
    mount(
      link,
      el,
      signal,
      [kit, ["chat", style + composer + prompts + options + sent]],
      () => <Chat chat={chat.value} actions={can} kept={kept} link={link} />,
    );
    signal.addEventListener("abort", () => kept.dispose());
  };
}
