import type { CombinedError } from "urql";
import type { Refusal } from "../../shared/words";

/** The gateway's own errors, with their codes; or the one that the network had. */
export function refusals(error: CombinedError | undefined): readonly Refusal[] {
  return error?.networkError ? [error.networkError] : (error?.graphQLErrors ?? []);
}
