import type { Link } from "../connection";
import type { ChatFact, ChatRequests } from "../protocol";

/** A chat's way to its kernel. */
export type ChatLink = Link<ChatRequests, ChatFact>;
