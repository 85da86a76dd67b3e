import "@testing-library/jest-dom/vitest";
import { transferableAbortController } from "node:util";
import { cleanup, configure } from "@testing-library/react";
import { afterEach } from "vitest";

// jsdom puts an AbortController of its own in place of Node's, and the fetch of Node 24 refuses its signals.
globalThis.AbortController = transferableAbortController().constructor as typeof AbortController;

// jsdom has no layout, and so nothing to scroll.
window.scrollTo = () => undefined;

// How long to look for what should appear: a busy machine is slow, and not wrong.
configure({ asyncUtilTimeout: 25_000 });

afterEach(cleanup);
