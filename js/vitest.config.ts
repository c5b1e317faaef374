import { defineConfig } from "vitest/config";

export default defineConfig({
  define: { __KATEX_HASH__: JSON.stringify("0123456789abcdef") },
  oxc: { jsx: { runtime: "automatic", importSource: "preact" } },
  test: { environment: "happy-dom", include: ["tests/**/*.test.{ts,tsx}"] },
});
