import { Component, type ReactNode, Suspense } from "react";
import { Refused } from "../../shared/parts";
import { refusals } from "./refusals";

/** Where a query waits, and where it says why it has nothing. A new `key` tries again. */
export class Boundary extends Component<{ children: ReactNode }, { error?: Error }> {
  override state: { error?: Error } = {};

  static getDerivedStateFromError(error: Error) {
    return { error };
  }

  override render() {
    if (this.state.error) return <Refused by={refusals(this.state.error)} />;
    return <Suspense fallback={<p>…</p>}>{this.props.children}</Suspense>;
  }
}
