import js from "@eslint/js";
import tseslint from "typescript-eslint";

// For the commit hook: without the rules that need types and without the plugins, whose loading takes longer than a
// commit may. `make lint` has them all.
export default tseslint.config(
  { ignores: ["**/dist/"] },
  js.configs.recommended,
  { files: ["**/*.{ts,tsx}"], extends: [tseslint.configs.strict, tseslint.configs.stylistic] },
);
