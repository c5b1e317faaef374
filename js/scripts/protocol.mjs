// Writes src/protocol.ts from what parllama_nb/widgets/_schema.py reads of the views;
// with --check it only says whether the file is what it would write.
import { spawnSync } from "node:child_process";
import { existsSync, readFileSync, writeFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";
import { compile } from "json-schema-to-typescript";

const js = join(dirname(fileURLToPath(import.meta.url)), "..");
const target = join(js, "src/protocol.ts");
const own = join(js, "../.venv/bin/python");
const python = process.env.PYTHON ?? (existsSync(own) ? own : "python3");

function wireSchema() {
  const run = spawnSync(python, ["-m", "parllama_nb.widgets._schema"], {
    cwd: join(js, ".."),
    encoding: "utf8",
  });
  if (run.status !== 0) {
    throw new Error(run.stderr || run.error?.message || `${python} failed`);
  }
  return JSON.parse(run.stdout);
}

/** Titles would each become a named type of their own; a tag is never left out. */
function plain(schema) {
  for (const definition of Object.values(schema.$defs)) {
    for (const [name, property] of Object.entries(definition.properties ?? {})) {
      delete property.title;
      if (property.const !== undefined) {
        definition.required = [...(definition.required ?? []), name];
      }
    }
  }
  return schema;
}

/** What each view can be asked, and what it is told: where that is more than all are. */
function declarations(views) {
  const { view, ...all } = views;
  const capital = (name) => name[0].toUpperCase() + name.slice(1);
  const requests = (name, own, base) => {
    const lines = Object.entries(own)
      .filter(([method, pair]) => `${pair}` !== `${base?.[method]}`)
      .map(([method, [params, result]]) => `  ${method}: [${params}, ${result}];\n`);
    const inherits = base ? " extends ViewRequests" : "";
    return `export interface ${capital(name)}Requests${inherits} {\n${lines.join("")}}\n`;
  };
  const facts = (name, events) => {
    const lines = Object.entries(events).map(
      ([event, data]) => `\n  | { event: "${event}"; data: ${data} }`,
    );
    return `export type ${capital(name)}Fact =${lines.join("")};\n`;
  };
  return [
    "/**\n * What every view can be asked: parameters and result by the request's name, null\n * where there are none.\n */\n",
    requests("view", view.requests),
    ...Object.entries(all).flatMap(([name, own]) => [
      requests(name, own.requests, view.requests),
      facts(name, own.events),
    ]),
  ].join("");
}

const { views, ...schema } = wireSchema();
const text = await compile(plain(schema), "Protocol", {
  bannerComment:
    "// Generated from what the views declare in parllama_nb/widgets by `npm run\n// protocol`. Do not edit.",
  additionalProperties: false,
  unreachableDefinitions: true,
  style: { printWidth: 88 },
});
const types = text
  .replace(/export interface Protocol \{[^}]*\}\n/, "")
  .replaceAll(
    / \*\n \* This interface was referenced by[^\n]*\n \* via the `definition` "[^"]*"\.\n/g,
    "",
  )
  .replaceAll(
    /\/\*\*\n \* This interface was referenced by[^\n]*\n \* via the `definition` "[^"]*"\.\n \*\/\n/g,
    "",
  )
  .replaceAll(/\n{3,}/g, "\n\n");
const clean = types + declarations(views);

if (process.argv.includes("--check")) {
  const now = existsSync(target) ? readFileSync(target, "utf8") : "";
  if (now !== clean) {
    console.error("src/protocol.ts is not what the wire types say: npm run protocol");
    process.exit(1);
  }
  console.log("src/protocol.ts is up to date");
} else {
  writeFileSync(target, clean);
}
