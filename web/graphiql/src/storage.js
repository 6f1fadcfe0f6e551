// Where GraphiQL keeps tabs, history and layout: localStorage, under a name of our own for each endpoint, so that two
// graphs on one host do not show each other's tabs. Refuses to keep what was typed as HTTP headers: they hold keys.

// shouldPersistHeaders={false} guards the tabs alone; @graphiql/plugin-history writes the headers of every operation
// that was run, whatever that says (@graphiql/toolkit 0.12.1, storage/history).
const LISTS = new Set(['graphiql:queries', 'graphiql:favorites', 'graphiql:tabState']);
const withoutHeaders = (key, value) => (key === 'headers' ? undefined : value);

function kept(key, value) {
  return LISTS.has(key) ? JSON.stringify(JSON.parse(value), withoutHeaders) : value;
}

/** The Storage part of GraphiQL's needs, for the graph at this URL. */
export function storageFor(url) {
  const prefix = `bff:${new URL(url).pathname}:`;
  const own = () => Object.keys(localStorage).filter(key => key.startsWith(prefix));
  return {
    get length() {
      return own().length;
    },
    getItem: key => localStorage.getItem(prefix + key),
    setItem: (key, value) => localStorage.setItem(prefix + key, kept(key, value)),
    removeItem: key => localStorage.removeItem(prefix + key),
    clear: () => own().forEach(key => localStorage.removeItem(key)),
  };
}
