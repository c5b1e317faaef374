// Builds the loader and the views into the Python package, with a manifest that
// names each file's hash: the kernel serves them by it, the page caches them by it.
import { createHash } from "node:crypto";
import { existsSync, readdirSync, readFileSync, watch } from "node:fs";
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

async function bundle(name, entry, define, packages) {
  const result = await esbuild.build({
    absWorkingDir: here,
    entryPoints: [entry],
    bundle: true,
    minify: true,
    format: "esm",
    target: "es2022",
    charset: "utf8",
    legalComments: "none",
    jsx: "automatic",
    jsxImportSource: "preact",
    define: { "process.env.NODE_ENV": '"production"', ...define },
    plugins: [cssText],
    metafile: true,
    write: false,
    logLevel: "warning",
  });
  const [output] = result.outputFiles;
  for (const input of Object.keys(result.metafile.inputs)) {
    const found = /node_modules\/((?:@[^/]+\/)?[^/]+)\//.exec(input);
    if (found) packages.add(found[1]);
  }
  const file = `${name}.js`;
  await writeFile(join(outdir, file), output.contents);
  const hash = createHash("sha256").update(output.contents).digest("hex").slice(0, 16);
  return { file, hash, bytes: output.contents.length };
}

/** The licences of what is inside the bundles, as their authors ask. */
function licences(packages) {
  const texts = [...packages].sort().map((name) => {
    const folder = join(here, "node_modules", name);
    const about = JSON.parse(readFileSync(join(folder, "package.json"), "utf8"));
    const file = readdirSync(folder).find((entry) => /^licen[cs]e/i.test(entry));
    if (file === undefined || !existsSync(join(folder, file))) {
      throw new Error(`${name} has no licence file`);
    }
    const text = readFileSync(join(folder, file), "utf8").trim();
    return `${name} ${about.version} (${about.license})\n\n${text}\n`;
  });
  return `The built front end contains these packages.\n\n${texts.join(`\n${"-".repeat(72)}\n\n`)}`;
}

async function build() {
  const packages = new Set();
  await mkdir(outdir, { recursive: true });
  const katex = await bundle("katex", "src/markdown/katex.ts", {}, packages);
  // The answer names the formulas' file by its hash, so it is built after it.
  const define = { __KATEX_HASH__: JSON.stringify(katex.hash) };
  const answer = await bundle("answer", "src/answer/index.tsx", define, packages);
  const panel = await bundle("panel", "src/panel/index.tsx", define, packages);
  const jobs = await bundle("jobs", "src/jobs/index.tsx", define, packages);
  const loader = await bundle("loader", "src/loader.ts", {}, packages);
  const manifest = { loader, answer, panel, jobs, katex };
  await writeFile(join(outdir, "licenses.txt"), licences(packages));
  await writeFile(
    join(outdir, "manifest.json"),
    `${JSON.stringify(manifest, null, 2)}\n`,
  );
  for (const { file, bytes, hash } of Object.values(manifest)) {
    console.log(`${file.padEnd(10)} ${String(bytes).padStart(7)} bytes  ${hash}`);
  }
}

if (process.argv.includes("--clean"))
  await rm(outdir, { recursive: true, force: true });
await build();

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
