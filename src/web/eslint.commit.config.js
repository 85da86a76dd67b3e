import tseslint from "typescript-eslint";

import config from "./eslint.config.js";

// For the commit hook: without the rules that need types, which take longer than a commit may. `make lint` has them.
export default [
  ...config,
  tseslint.configs.disableTypeChecked,
  { linterOptions: { reportUnusedDisableDirectives: "off" } },
];
