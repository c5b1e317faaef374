// Builds the loader and the views into the Python package, with a manifest that
// names each file's hash: the kernel serves them by it, the page caches them by it.
import { createHash } from "node:crypto";
import { readdirSync, readFileSync, watch } from "node:fs";
import { mkdir, readFile, rm, writeFile } from "node:fs/promises";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";
import * as esbuild from "esbuild";

const here = dirname(fileURLToPath(import.meta.url));
const outdir =
  process.env.PARLLAMA_NB_STATIC ?? join(here, "../parllama_nb/widgets/static");

/** A `.css` import is its minified text: the view puts it into the page itself. */
const cssText = {
  name: "css-text",
  setup(build) {
    build.onLoad({ filter: /\.css$/ }, async ({ path }) => {
      const source = await readFile(path, "utf8");
      const { code } = await esbuild.transform(source, {
        loader: "css",
        minify: true,
        target: "es2022",
      });
      return { contents: code.trim(), loader: "text" };
    });
  },
};

/** Where a part finds the parts it is built upon: the loader's map of the page. */
const PAGE = 'globalThis[Symbol.for("parllama_nb")]';

/** What is in one of `parts` already is taken from there and not bundled again. */
const shared = (parts) => ({
  name: "shared-parts",
  setup(build) {
    build.onResolve({ filter: /./ }, async ({ path, pluginData, ...from }) => {
      if (pluginData === "asked" || from.kind === "entry-point") return undefined;
      const found = await build.resolve(path, { ...from, pluginData: "asked" });
      const part = parts.find(({ inputs }) => inputs.has(found.path));
      return part ? { path: part.name, namespace: "part" } : found;
    });
    build.onLoad({ filter: /./, namespace: "part" }, ({ path }) => {
      const { hash, exports } = parts.find(({ name }) => name === path);
      const taken = exports.map(
        (name) => `export const ${name} = /* @__PURE__ */ of(${JSON.stringify(name)});`,
      );
      return {
        contents: `const part = await ${PAGE}.get("${hash}");
          const of = (name) => part[name];
          ${taken.join("\n")}`,
      };
    });
  },
});

const OPTIONS = {
  absWorkingDir: here,
  bundle: true,
  minify: true,
  format: "esm",
  target: "es2022",
  charset: "utf8",
  legalComments: "none",
  // Node's, which @hpke/core asks for only where a browser's is missing.
  external: ["crypto"],
  jsx: "automatic",
  jsxImportSource: "preact",
  define: { "process.env.NODE_ENV": '"production"' },
  logLevel: "warning",
};

/** Builds one file; `needs` are the parts that a page imports before it. */
async function bundle(name, entry, { needs = [], define = {} } = {}) {
  const result = await esbuild.build({
    ...OPTIONS,
    entryPoints: [entry],
    define: { ...OPTIONS.define, ...define },
    plugins: [shared(needs), cssText],
    metafile: true,
    write: false,
  });
  const [output] = result.outputFiles;
  const [{ exports, inputs: parts }] = Object.values(result.metafile.outputs);
  const sources = Object.keys(result.metafile.inputs).filter(
    (input) => !input.startsWith("part:"),
  );
  // What is only looked at, and leaves nothing in the file, needs no notice.
  const folders = Object.entries(parts)
    .filter(([, { bytesInOutput }]) => bytesInOutput > 0)
    .flatMap(([input]) => /^.*node_modules\/(?:@[^/]+\/)?[^/]+/.exec(input) ?? []);
  const file = `${name}.js`;
  await writeFile(join(outdir, file), output.contents);
  const hash = createHash("sha256").update(output.contents).digest("hex").slice(0, 16);
  const inputs = new Set(sources.map((input) => join(here, input)));
  const packages = new Set(folders);
  const bytes = output.contents.length;
  return { name, file, hash, bytes, needs, inputs, exports, packages };
}

/** Which packages are in which files, and under what licences, as their authors ask. */
function notices(files) {
  const about = (folder) => {
    const { name, version, license } = JSON.parse(
      readFileSync(join(here, folder, "package.json"), "utf8"),
    );
    const texts = readdirSync(join(here, folder))
      .filter((entry) => /^(licen[cs]e|notice)/i.test(entry))
      .map((entry) => readFileSync(join(here, folder, entry), "utf8").trim());
    if (!texts.length || !license) throw new Error(`${name} has no licence file`);
    const holders = files.filter(({ packages }) => packages.has(folder));
    const where = holders.map(({ file }) => file).join(", ");
    return `${name} ${version}\nLicence: ${license}\nIn: ${where}\n\n${texts.join("\n\n")}\n`;
  };
  const folders = new Set(files.flatMap(({ packages }) => [...packages]));
  const rule = `\n${"-".repeat(72)}\n\n`;
  return [
    "Third-party notices: what the built front end of parllama_nb contains.\n",
    ...[...folders].map(about).sort(),
  ].join(rule);
}

/** Files that a page fetches when something needs them. */
const LAZY = {
  katex: "src/markdown/katex.ts",
  highlight: "src/markdown/highlight.ts",
  sealing: "src/sealing.ts",
  strength: "src/strength.ts",
};

/** By which hashes the part of every view asks for them. */
const hashes = (files) => ({
  __HASHES__: JSON.stringify(
    Object.fromEntries(files.map(({ name, hash }) => [name, hash])),
  ),
});

/** What the kernel and the tests want to know of a built file. */
const entry = ({ name, file, hash, bytes, needs }) => [
  name,
  { file, hash, bytes, needs: needs.map((part) => part.name) },
];

async function build() {
  await mkdir(outdir, { recursive: true });
  const loader = await bundle("loader", "src/loader.ts");
  const lazy = [];
  for (const each of Object.entries(LAZY)) lazy.push(await bundle(...each));
  // Whoever names a file by its hash is built after it.
  const define = hashes(lazy);
  const core = await bundle("core", "src/core.ts", { define });
  const kit = await bundle("kit", "src/kit.ts", { needs: [core], define });
  // It asks for the controls only where a question misses something.
  const later = { needs: [core], define: hashes([...lazy, kit]) };
  const answer = await bundle("answer", "src/answer/index.tsx", later);
  const all = { needs: [core, kit], define };
  const progress = await bundle("progress", "src/progress/index.tsx", all);
  const chat = await bundle("chat", "src/chat/index.tsx", all);
  const panel = await bundle("panel", "src/panel/index.tsx", all);
  const compare = await bundle("compare", "src/compare/index.tsx", all);
  const jobs = await bundle("jobs", "src/jobs/index.tsx", all);
  const providers = await bundle("providers", "src/providers/index.tsx", all);
  const usage = await bundle("usage", "src/usage/index.tsx", all);
  const settings = await bundle("settings", "src/settings/index.tsx", all);
  const models = await bundle("models", "src/models/index.tsx", all);
  const prompts = await bundle("prompts", "src/prompts/index.tsx", all);
  const memory = await bundle("memory", "src/memory/index.tsx", all);
  const vault = await bundle("vault", "src/vault/index.tsx", all);
  const used = [answer, progress, chat, compare, models, prompts, vault];
  const views = [...used, panel, jobs, memory, providers, usage, settings];
  const built = [loader, ...lazy, core, kit, ...views];
  const manifest = Object.fromEntries(built.map(entry));
  await writeFile(join(outdir, "third-party-notices.txt"), notices(built));
  await writeFile(
    join(outdir, "manifest.json"),
    `${JSON.stringify(manifest, null, 2)}\n`,
  );
  for (const { file, bytes, hash } of Object.values(manifest)) {
    console.log(`${file.padEnd(10)} ${String(bytes).padStart(7)} bytes  ${hash}`);
  }
}

const page = process.argv.indexOf("--page");
if (page >= 0) {
  // A page for tests, whole in one file: --page ENTRY FILE.
  const [entryPoint, outfile] = process.argv.slice(page + 1);
  const none = [...Object.keys(LAZY), "kit"].map((name) => ({ name, hash: "none" }));
  const define = { ...OPTIONS.define, ...hashes(none) };
  const plugins = [cssText];
  await esbuild.build({
    ...OPTIONS,
    entryPoints: [entryPoint],
    outfile,
    define,
    plugins,
  });
} else {
  if (process.argv.includes("--clean"))
    await rm(outdir, { recursive: true, force: true });
  await build();
}

if (process.argv.includes("--watch")) {
  let timer;
  watch(join(here, "src"), { recursive: true }, () => {
    clearTimeout(timer);
    timer = setTimeout(
      () => build().catch((error) => console.error(error.message)),
      80,
    );
  });
  console.log("watching src/");
}
