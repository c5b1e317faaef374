import { defineConfig } from "vitest/config";

export default defineConfig({
  define: { __HASHES__: JSON.stringify({ katex: "k1", highlight: "h1" }) },
  oxc: { jsx: { runtime: "automatic", importSource: "preact" } },
  test: { environment: "happy-dom", include: ["tests/**/*.test.{ts,tsx}"] },
});
