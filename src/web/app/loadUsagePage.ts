/** Loads the usage page's code: most visits are to the other pages. */
export function loadUsagePage() {
  return import("./usage/UsagePage");
}
