// The languages that notebooks use, coloured. A file of its own: fetched with the first
// code in a language.
import type { HLJSApi } from "highlight.js";
import hljs from "highlight.js/lib/core";
import bash from "highlight.js/lib/languages/bash";
import cpp from "highlight.js/lib/languages/cpp";
import diff from "highlight.js/lib/languages/diff";
import dockerfile from "highlight.js/lib/languages/dockerfile";
import go from "highlight.js/lib/languages/go";
import ini from "highlight.js/lib/languages/ini";
import javascript from "highlight.js/lib/languages/javascript";
import json from "highlight.js/lib/languages/json";
import julia from "highlight.js/lib/languages/julia";
import markdown from "highlight.js/lib/languages/markdown";
import python from "highlight.js/lib/languages/python";
import r from "highlight.js/lib/languages/r";
import shell from "highlight.js/lib/languages/shell";
import sql from "highlight.js/lib/languages/sql";
import xml from "highlight.js/lib/languages/xml";
import yaml from "highlight.js/lib/languages/yaml";

const LANGUAGES = {
  bash,
  cpp,
  diff,
  dockerfile,
  go,
  ini,
  javascript,
  json,
  julia,
  markdown,
  python,
  r,
  shell,
  sql,
  xml,
  yaml,
};

/** Longer code stays in one colour. */
const MAX_LENGTH = 60_000;

function prepared(): HLJSApi {
  const made = hljs.newInstance();
  for (const [name, grammar] of Object.entries(LANGUAGES)) {
    made.registerLanguage(name, grammar);
  }
  made.registerAliases(["ipython", "ipython3", "py3", "pycon"], {
    languageName: "python",
  });
  // Near enough, and 25 KB less to fetch.
  made.registerAliases(["typescript", "ts", "tsx"], { languageName: "javascript" });
  made.registerAliases(["c", "h", "java", "cuda"], { languageName: "cpp" });
  made.registerAliases(["jsonl", "json5"], { languageName: "json" });
  return made;
}

const core = prepared();

/** The code as HTML with `hljs-*` classes, or null where it stays plain. */
export function highlight(code: string, language: string): string | null {
  if (code.length > MAX_LENGTH || !core.getLanguage(language)) return null;
  return core.highlight(code, { language, ignoreIllegals: true }).value;
}
