import { createRequire } from "node:module";
import js from "@eslint/js";

// For the commit hook: ESLint's own rules on TypeScript's syntax. The plugins, whose loading alone takes longer than a
// commit may, are left to `make lint`; their parser comes from where typescript-eslint has it, so that it is the same.
const require = createRequire(createRequire(import.meta.url).resolve("typescript-eslint"));

export default [
  { ignores: ["**/dist/"] },
  js.configs.recommended,
  {
    files: ["**/*.{ts,tsx}"],
    languageOptions: { parser: require("@typescript-eslint/parser") },
    // The compiler knows these better.
    rules: { "no-undef": "off", "no-unused-vars": "off", "no-redeclare": "off", "no-dupe-class-members": "off" },
  },
];
