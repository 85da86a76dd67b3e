import { lazy, Suspense, useEffect, useRef } from "react";
import { Route, Switch, useLocation } from "wouter";
import { Boundary } from "./Boundary";
import { GalleryPage } from "./gallery/GalleryPage";
import { GenerationPage } from "./gallery/GenerationPage";
import { GeneratePage } from "./generate/GeneratePage";
import { useDraft } from "./generate/useDraft";
import { useGenerating } from "./generate/useGenerating";
import { loadUsagePage } from "./loadUsagePage";
import { NoPage } from "./NoPage";

const UsagePage = lazy(loadUsagePage);

/** The pages, each at its address. */
export function Pages() {
  const [location] = useLocation();
  const main = useRef<HTMLElement>(null);
  const shown = useRef(location);
  const draft = useDraft();
  // What is being generated goes on while another page is looked at.
  const generating = useGenerating();

  useEffect(() => {
    if (shown.current === location) return;
    shown.current = location;
    // Whoever does not see that the page is another one is told by the focus.
    main.current?.focus();
    globalThis.scrollTo(0, 0);
  }, [location]);

  return (
    <main ref={main} id="main" tabIndex={-1}>
      <Boundary key={location}>
        <Suspense fallback={<output>Loading…</output>}>
          <Switch>
            <Route path="/">
              <GeneratePage draft={draft} generating={generating} />
            </Route>
            <Route path="/gallery">
              <GalleryPage />
            </Route>
            <Route path="/gallery/:id">{({ id }) => <GenerationPage id={id} />}</Route>
            <Route path="/usage">
              <UsagePage />
            </Route>
            <Route>
              <NoPage />
            </Route>
          </Switch>
        </Suspense>
      </Boundary>
    </main>
  );
}
