import { createContext, useContext } from "react";
import type { Session } from "./generation";

/** Who is asking, and what can be generated; there is none before the service told it. */
export const SessionContext = createContext<Session | null>(null);

/** Returns who is asking, and what can be generated. */
export function useSession(): Session {
  const session = useContext(SessionContext);
  if (session === null) throw new Error("A part of the page is shown before the session is known.");
  return session;
}
