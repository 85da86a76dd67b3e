import { useEffect, useState, type RefObject } from "react";

// Far enough to be drawn before it is scrolled to.
const MARGIN = "300px";

/** Tells whether an element has been on the screen, or about to be. */
export function useNear(element: RefObject<Element | null>): boolean {
  const [isNear, setIsNear] = useState(!("IntersectionObserver" in globalThis));

  useEffect(() => {
    if (isNear || element.current === null) return undefined;
    const observer = new IntersectionObserver(
      (entries) => {
        if (entries.some((entry) => entry.isIntersecting)) setIsNear(true);
      },
      { rootMargin: MARGIN },
    );
    observer.observe(element.current);
    return () => {
      observer.disconnect();
    };
  }, [element, isNear]);

  return isNear;
}
