import type { Actions } from "./actions";
import type { ChatModel } from "./reducer";
export function Head({ chat }: { chat: ChatModel; actions: Actions }) {
  return <div class="pl-head">{chat.session.name}</div>;
}
