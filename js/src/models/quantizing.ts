// The form of a quantization, and what it proposes.
import type { QuantizeParams } from "../protocol";

export interface QuantizeForm {
  source: string;
  type: string;
  place: QuantizeParams["place"];
  target: string;
}

export const emptyQuantize: QuantizeForm = {
  source: "",
  type: "Q4_K_M",
  place: "ollama",
  target: "",
};

/** A name without what says that it is of 16 or 32 bits. */
const bare = (name: string) => name.replace(/(^|[-_.])(b?f(p?16|32))$/i, "");

/** The name of what a model becomes: "qwen3:8b-fp16" is "qwen3:8b-Q4_K_M" then. */
function named(source: string, type: string): string {
  const name = source.replace(/^(ollama|embedded)\//, "");
  const at = name.indexOf(":", name.lastIndexOf("/") + 1);
  const [model, tag] = at < 0 ? [name, ""] : [name.slice(0, at), name.slice(at + 1)];
  const left = bare(tag === "latest" ? "" : tag);
  return `${model}:${left && `${left}-`}${type}`;
}

/** The name or the path that is proposed for what becomes of a form. */
export function suggestion({ source, type, place }: QuantizeForm): string {
  const given = source.trim();
  if (!given) return "";
  if (/\.gguf$/i.test(given)) {
    const [, folder = "", file = ""] = /^(.*[\\/])?(.*)\.gguf$/i.exec(given) ?? [];
    const made = `${bare(file)}-${type}`;
    if (place === "file") return `${folder}${made}.gguf`;
    return place === "ollama" ? made.toLowerCase() : made;
  }
  const name = named(given, type);
  if (place === "ollama") return name;
  const plain = name.replace(/[/:]/g, "-");
  return place === "file" ? `${plain}.gguf` : plain;
}
