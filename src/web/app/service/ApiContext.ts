import { createContext, useContext } from "react";
import { createApi, type Api } from "./api";

/** The service that the page asks. */
export const ApiContext = createContext<Api>(createApi());

/** Returns the service that the page asks. */
export function useApi(): Api {
  return useContext(ApiContext);
}
