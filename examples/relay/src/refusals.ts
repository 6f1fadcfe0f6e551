import type { Refusal } from "../../shared/words";

/** The gateway's own errors, with their codes, which Relay keeps in `source`; or the one that the network had. */
export function refusals(error: Error & { source?: { errors?: readonly Refusal[] } }): readonly Refusal[] {
  return error.source?.errors ?? [error];
}
