// What the gateway is asked for beside what the person asks: the plan of what stands in the editor (bff-explain: plan),
// and, while the panel is open, a trace of what is run (bff-explain: trace). Knows HTTP, and nothing of how it is drawn.

const HEADER = 'bff-explain';
const OURS = ['plan', 'queryPlan', 'trace'];

let watching = false; // whether the panel is open, for somebody who may see plans
let ran = null; // {query, variables, operationName, plan, trace} of the last run that was traced
const listeners = new Set();

export const lastRun = () => ran;

export function onRun(listener) {
  listeners.add(listener);
  return () => listeners.delete(listener);
}

export function watch(on) {
  watching = on;
}

/** The plan of a request: {plan}, or {refused: [sentence, …]}. Rejects when there is no answer that can be read. */
export async function planOf(url, { query, variables, operationName, headers }, signal) {
  const response = await fetch(url, {
    method: 'POST',
    headers: { 'content-type': 'application/json', accept: 'application/json', ...headers, [HEADER]: 'plan' },
    body: JSON.stringify({ query, variables, operationName }),
    signal,
  });
  const { errors = [], extensions } = await response.json();
  if (extensions?.plan) return { plan: extensions.plan };
  if (response.status === 403) return { refused: ['This client may not see plans: “explain” is off for its tier.'] };
  return { refused: errors.map(sentence) };
}

function sentence({ message, locations }) {
  return locations?.length ? `Line ${locations[0].line}: ${message}` : message;
}

/** GraphiQL's fetcher, which takes notes while somebody watches. What it shows is what it would show without. */
export function traced(fetcher) {
  return async (params, options) => {
    const typed = Object.keys(options?.headers ?? {}).some(name => name.toLowerCase() === HEADER);
    if (!watching || typed || params.operationName === 'IntrospectionQuery') return fetcher(params, options);
    const answer = await fetcher(params, { ...options, headers: { ...options?.headers, [HEADER]: 'trace' } });
    const again = () => fetcher(params, options);
    return Symbol.asyncIterator in answer ? parts(answer, params, again) : part(answer, params, again);
  };
}

async function* parts(answer, params, again) {
  for await (const each of answer) {
    const shown = await part(each, params, again);
    if (Symbol.asyncIterator in shown) yield* shown;
    else yield shown;
  }
}

/** Refused for the header alone, nothing has run, and it is asked again without. */
function part(result, params, again) {
  if (!('data' in result) && result.errors?.[0]?.extensions?.code === 'FORBIDDEN') return again();
  const { extensions, ...rest } = result;
  if (!extensions?.trace) return result;
  ran = { ...params, plan: extensions.plan, trace: extensions.trace };
  listeners.forEach(listener => listener());
  const others = Object.entries(extensions).filter(([name]) => !OURS.includes(name));
  return others.length ? { ...rest, extensions: Object.fromEntries(others) } : rest;
}
