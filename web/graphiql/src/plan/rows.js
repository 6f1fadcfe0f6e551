// A plan and what really happened, put together: one row for each call of a service that is planned or was made. Pure.

/** Rows by wave: {upstream, call, form, waves, paths, keys, most, points, later, made: [call, …]}; `later` is deferred. */
export function rowsOf(plan, trace) {
  const rows = new Map();
  const rowOf = ({ upstream, call }) => {
    const key = `${upstream} ${call}`;
    if (!rows.has(key)) rows.set(key, { upstream, call, waves: [], paths: [], keys: 0, most: 0, points: 0, later: true, made: [] });
    return rows.get(key);
  };
  for (const fetch of plan.fetches) {
    const row = rowOf(fetch);
    if (!row.waves.includes(fetch.wave)) row.waves.push(fetch.wave);
    row.form = fetch.form;
    row.later &&= fetch.later;
    row.paths.push(fetch.path.join('.'));
    row.keys += fetch.keys;
    row.most += fetch.calls;
    row.points += fetch.points;
  }
  for (const call of trace?.calls ?? []) rowOf(call).made.push(call);
  return [...rows.values()];
}

/** When the first call began and the last one ended, in seconds; 0 is when the operation was read. */
export function spanOf(trace) {
  const ends = trace.calls.map(call => call.started + call.seconds);
  return [Math.min(0, ...trace.calls.map(call => call.started)), Math.max(trace.seconds, ...ends)];
}

/** When each wave's calls ran: [[wave, from, to], …], in seconds. */
export function bandsOf(rows) {
  const bands = new Map();
  for (const { waves, made } of rows) {
    if (waves.length !== 1) continue;
    for (const { started, seconds } of made) {
      const [from, to] = bands.get(waves[0]) ?? [Infinity, -Infinity];
      bands.set(waves[0], [Math.min(from, started), Math.max(to, started + seconds)]);
    }
  }
  return [...bands].map(([wave, [from, to]]) => [wave, from, to]);
}

/** Calls that ran at once, each in a lane of its own; the last lane takes what is left. */
export function lanesOf(calls, most) {
  const free = [];
  return calls.map(call => {
    const open = free.findIndex(until => until <= call.started);
    const lane = open >= 0 ? open : Math.min(free.length, most - 1);
    free[lane] = Math.max(free[lane] ?? 0, call.started + call.seconds);
    return [call, lane];
  });
}

export const counted = (number, noun) => `${number} ${noun}${number === 1 ? '' : 's'}`;

export function lasting(seconds) {
  const ms = seconds * 1000;
  if (!ms) return '0 ms';
  return ms < 1 ? `${ms.toFixed(2)} ms` : ms < 10 ? `${ms.toFixed(1)} ms` : `${Math.round(ms)} ms`;
}

const KEPT = ['hit', 'stale', 'revalidated', 'fallback'];
export const fromCache = call => KEPT.includes(call.cache);

/** What was special about a row's calls, in words. */
export function remarksOf({ made }) {
  const count = (holds, words) => {
    const found = made.filter(holds).length;
    return found ? [found === made.length ? words : `${found} ${words}`] : [];
  };
  return [
    ...count(fromCache, 'from the cache'),
    ...count(call => call.shared, 'shared with another request'),
    ...count(call => call.error, 'failed'),
  ];
}
