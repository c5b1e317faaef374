// Writes src/protocol.ts from the wire types of parllama_nb/widgets/_protocol.py;
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
  const run = spawnSync(python, ["-m", "parllama_nb.widgets._protocol"], {
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

const text = await compile(plain(wireSchema()), "Protocol", {
  bannerComment:
    "// Generated from parllama_nb/widgets/_protocol.py by `npm run protocol`.\n// Do not edit.",
  additionalProperties: false,
  unreachableDefinitions: true,
  style: { printWidth: 88 },
});
const clean = text
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
