// Where the gateway is, who the user is, and whether documents are named. The same for every client.

/** Beside the page, unless VITE_GATEWAY says where; then `graphql.cors` of bff.yaml names the page's origin. */
export const url: string = import.meta.env.VITE_GATEWAY ?? "/graphql";

/** Whether documents are named instead of sent: `VITE_TRUSTED=1 npm run build`, and docs/persisted.md. */
export const trusted = import.meta.env.VITE_TRUSTED === "1";

let token = ""; // in memory only: what a page stores, any script in it can read

export function signIn(found: string): void {
  token = found.trim();
}

export function credentials(): Record<string, string> {
  return token ? { authorization: `Bearer ${token}` } : {};
}
