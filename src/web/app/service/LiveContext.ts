import { createContext, useContext } from "react";
import { NO_BACKLOG, type Backlog } from "./backlog";
import type { Health } from "./health";

/** What comes by itself. */
export interface Live {
  /** Null before the service told it. */
  health: Health | null;
  backlog: Backlog;
  /** Whether the connection is broken, or was never had, and is tried again. */
  isLost: boolean;
}

/** What comes by itself, to whichever part of the page shows it. */
export const LiveContext = createContext<Live>({ health: null, backlog: NO_BACKLOG, isLost: false });

/** Returns what comes by itself. */
export function useLive(): Live {
  return useContext(LiveContext);
}
