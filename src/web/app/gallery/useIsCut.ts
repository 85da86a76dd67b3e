import { useEffect, useState, type RefObject } from "react";

/** Tells whether an element has more in it than there is room for, at each width of the window. */
export function useIsCut(element: RefObject<Element | null>): boolean {
  const [isCut, setIsCut] = useState(false);

  useEffect(() => {
    const { current } = element;
    if (current === null || !("ResizeObserver" in globalThis)) return undefined;
    const observer = new ResizeObserver(() => {
      setIsCut(current.scrollHeight > current.clientHeight);
    });
    observer.observe(current);
    return () => {
      observer.disconnect();
    };
  }, [element]);

  return isCut;
}
