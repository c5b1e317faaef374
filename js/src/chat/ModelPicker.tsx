import type { Actions } from "./actions";
import type { ChatModel } from "./reducer";
export function ModelPicker({ chat }: { chat: ChatModel; actions: Actions }) {
  return <span>{chat.session.model}</span>;
}
