declare module "*.css" {
  const text: string;
  export default text;
}

/** Hashes of the files that are fetched when something needs them. */
declare const __HASHES__: Record<
  "katex" | "highlight" | "sealing" | "strength" | "kit",
  string
>;
