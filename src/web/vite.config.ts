import { fileURLToPath } from "node:url";
import react from "@vitejs/plugin-react";
import { defineConfig } from "vitest/config";

// The service, as `make run` starts it; `pnpm dev` asks it for what lies under /api.
const SERVICE = "http://127.0.0.1:8000";
const REPOSITORY = fileURLToPath(new URL("../..", import.meta.url));

export default defineConfig({
  plugins: [react()],
  server: { proxy: { "/api": SERVICE } },
  test: {
    root: REPOSITORY,
    testTimeout: 60_000,
    projects: [
      {
        extends: true,
        test: { name: "unit", include: ["tests/web/unit/**/*.test.ts"], environment: "node" },
      },
      {
        extends: true,
        test: {
          name: "component",
          include: ["tests/web/component/**/*.test.tsx"],
          environment: "jsdom",
          setupFiles: ["tests/web/component/setup.ts"],
        },
      },
    ],
    coverage: {
      // Istanbul counts statements, which are the lines that Sonar calls executable, and counts the same on
      // every Node. V8 counts each line of the file, blank ones and types included.
      provider: "istanbul",
      // Also what no test imports: a file that is in no report would escape Sonar's gate.
      include: ["src/web/app/**/*.{ts,tsx}"],
      // Sonar drops a path that it cannot resolve from the repository's root.
      reporter: [["lcovonly", { file: "web.lcov", projectRoot: REPOSITORY }], "text"],
      reportsDirectory: "coverage",
      // Python's report lies in the same folder.
      clean: false,
    },
  },
});
