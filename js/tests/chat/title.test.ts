import { expect, it } from "vitest";
import { titleOf } from "../../src/chat/title";

it("shows a notebook's conversation, and a copy of it, without the path", () => {
  expect(titleOf("/data/diary.ipynb")).toBe("diary.ipynb");
  expect(titleOf("/data/diary.ipynb (copy)")).toBe("diary.ipynb (copy)");
  expect(titleOf("diary.ipynb")).toBe("diary.ipynb");
  expect(titleOf("either/or")).toBe("either/or");
  expect(titleOf("What is .ipynb?")).toBe("What is .ipynb?");
});
