import { CombinedGraphQLErrors, type ErrorLike } from "@apollo/client";
import type { Refusal } from "../../shared/words";

/** The gateway's own errors, with their codes; or the one that the network had. */
export function refusals(error: ErrorLike | undefined): readonly Refusal[] {
  if (CombinedGraphQLErrors.is(error)) return error.errors;
  return error ? [error] : [];
}
