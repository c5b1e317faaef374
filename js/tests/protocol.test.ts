import { spawnSync } from "node:child_process";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join, resolve } from "node:path";
import { expect, it } from "vitest";

/** A view's code with mistakes; each line that must not compile ends with `// wrong`. */
const CODE = `
import { reduce, initial } from "SRC/chat/reducer";
import type { Link } from "SRC/connection";
import type { ChatFact, ChatRequests } from "SRC/protocol";

export async function ask(link: Link<ChatRequests, ChatFact>) {
  await link.request("send", { text: "a" });
  await link.request("send", { txt: "a" }); // wrong
  await link.request("send", { text: 1 }); // wrong
  await link.request("send"); // wrong
  await link.request("sendd", { text: "a" }); // wrong
  await link.request("stop");
  await link.request("stop", { column: 1 }); // wrong
  await link.request("models");
  const { result } = await link.request("read", { turn: 1 });
  result.question.trim();
  result.answer; // wrong
  link.listen((fact) => {
    if (fact.event === "removed") fact.data.turns.length;
    if (fact.event === "removed") fact.data.column; // wrong
    if (fact.event === "columns") return; // wrong
  });
}

reduce(initial, { event: "removed", data: { turns: [1] } });
reduce(initial, { event: "removed", data: { turns: ["1"] } }); // wrong
reduce(initial, { event: "removed", data: { column: 1 } }); // wrong
reduce(initial, { event: "delta", data: { turn: 1, kind: "words", text: "" } }); // wrong
`;

it("does not compile what the protocol does not say", { timeout: 60_000 }, () => {
  const js = resolve(import.meta.dirname, "..");
  const code = CODE.replaceAll("SRC", join(js, "src"));
  const place = mkdtempSync(join(tmpdir(), "protocol-"));
  try {
    writeFileSync(join(place, "view.ts"), code);
    const config = {
      extends: join(js, "tsconfig.json"),
      compilerOptions: { types: [], noUnusedLocals: false },
      include: [join(place, "view.ts"), join(js, "src/css.d.ts")],
    };
    writeFileSync(join(place, "tsconfig.json"), JSON.stringify(config));
    const tsc = join(js, "node_modules/typescript/bin/tsc");
    const { stdout } = spawnSync(process.execPath, [tsc, "-p", place], {
      encoding: "utf8",
    });
    const found = [...stdout.matchAll(/^\S*view\.ts\((\d+),/gm)].map(([, line]) =>
      Number(line),
    );
    const wrong = code
      .split("\n")
      .flatMap((line, at) => (line.endsWith("// wrong") ? [at + 1] : []));
    expect(
      stdout.match(/^[^(\s]+/gm)?.filter((file) => !/view\.ts$/.test(file)),
    ).toEqual([]);
    expect([...new Set(found)]).toEqual(wrong);
  } finally {
    rmSync(place, { recursive: true });
  }
});
