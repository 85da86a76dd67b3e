import { Component, type ReactNode } from "react";
import { Problem } from "./Problem";

/** Stands around a page, and says so when it fails, as when its code cannot be loaded. */
export class Boundary extends Component<Readonly<{ children: ReactNode }>, { error: Error | null }> {
  override state: { error: Error | null } = { error: null };

  static getDerivedStateFromError(error: unknown) {
    return { error: error instanceof Error ? error : new Error(String(error)) };
  }

  override render() {
    if (this.state.error === null) return this.props.children;
    return (
      <Problem
        title="This page failed"
        error={this.state.error}
        onRetry={() => {
          // A newer version of the page may have taken the place of the one that was loaded.
          globalThis.location.reload();
        }}
      />
    );
  }
}
