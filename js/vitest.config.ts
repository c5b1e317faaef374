import { defineConfig } from "vitest/config";

export default defineConfig({
  define: {
    __HASHES__: JSON.stringify({
      katex: "k1",
      highlight: "h1",
      sealing: "s1",
      strength: "z1",
    }),
  },
  oxc: { jsx: { runtime: "automatic", importSource: "preact" } },
  test: {
    environment: "happy-dom",
    include: ["tests/**/*.test.{ts,tsx}"],
    // Each file in a context of its own, but happy-dom is loaded once for each worker.
    pool: "vmThreads",
    // The usual five seconds are short beside other work.
    testTimeout: 30_000,
  },
});
