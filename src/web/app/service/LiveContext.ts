import { createContext, useContext } from "react";
import type { Health } from "./health";

/** What comes by itself. */
export interface Live {
  /** Null before the service told it. */
  health: Health | null;
  /** Whether more and more events wait to be delivered. */
  isBacklogGrowing: boolean;
  /** Whether the service tells what is new now; false while the connection is broken and tried again. */
  isConnected: boolean;
}

/** What comes by itself, to whichever part of the page shows it. */
export const LiveContext = createContext<Live>({ health: null, isBacklogGrowing: false, isConnected: false });

/** Returns what comes by itself. */
export function useLive(): Live {
  return useContext(LiveContext);
}
