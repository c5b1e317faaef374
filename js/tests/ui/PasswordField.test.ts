import { expect, it } from "vitest";
import { unseen } from "../../src/ui/PasswordField";

it.each([
  ["", ""],
  ["correct horse", ""],
  ["🦙🏽 Zoë", ""],
  [" key", "It begins with a space."],
  ["\tkey", "It begins with a space."],
  ["key\u00a0", "It ends with a space."],
  ["ke\u200by", "It contains a character that cannot be seen."],
  ["\ufeffkey", "It contains a character that cannot be seen."],
  ["ke\u202ey", "It contains a character that cannot be seen."],
  ["ke\u00ady", "It contains a character that cannot be seen."],
])("says of %j: %s", (text, said) => {
  expect(unseen(text)).toBe(said);
});
