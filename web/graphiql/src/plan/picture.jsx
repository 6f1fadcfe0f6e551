// The plan as a picture: a row for each call, left to right by wave; once it ran, by time, each call where it happened.
// Knows no network. A list to who hears it, text that wraps to who reads it; bars are for the eye alone. Widths are per
// cent, so that it fits whatever room the panel has; colours are GraphiQL's own.
import { bandsOf, counted, fromCache, lanesOf, lasting, remarksOf, spanOf } from './rows.js';

const LANES = 3;
const COLOURS = ['primary', 'info', 'success', 'secondary', 'warning', 'tertiary'];
const KINDS = [
  ['made', 'made'],
  ['waited', 'waited for a free slot'],
  ['cached', 'from the cache'],
  ['shared', 'shared'],
  ['failed', 'failed'],
];
const percent = share => `${(100 * share).toFixed(3)}%`;

export function Picture({ rows, trace }) {
  const services = [...new Set(rows.map(row => row.upstream))];
  const axis = trace ? timeAxis(trace, rows) : waveAxis(rows);
  const drawn = rows.map(row => [row, axis.bars(row)]);
  return (
    <figure className="bff-plan-picture" aria-label={trace ? 'When each call ran' : 'The calls that are planned, by wave'}>
      <div className="drawing">
        <div className="bands" aria-hidden="true">
          {axis.bands.map(({ name, at, width }) => (
            <div key={name} style={{ left: percent(at), width: percent(width) }}>
              {width > 0.16 ? `wave ${name}` : width > 0.05 ? name : ''}
            </div>
          ))}
          {axis.before > 0.3 && <span>before any call</span>}
        </div>
        <ol>
          {drawn.map(([row, bars]) => (
            <li key={`${row.upstream} ${row.call}`} style={inColour(services, row)}>
              <p className="call"><b>{row.upstream}</b> <code>{row.call}</code></p>
              <p className="numbers"><span className="unseen">{inWaves(row)}: </span>{numbers(row, trace)}</p>
              <div className="track" aria-hidden="true" style={{ height: heightOf(bars) }}>{bars.map((bar, at) => <Bar key={at} {...bar} />)}</div>
            </li>
          ))}
        </ol>
        {axis.ticks && <div className="ticks" aria-hidden="true">{axis.ticks.map(tick => <span key={tick}>{tick}</span>)}</div>}
      </div>
      {trace && <Legend bars={drawn.flatMap(([, bars]) => bars)} />}
    </figure>
  );
}

function inColour(services, { upstream }) {
  const colour = `hsl(var(--color-${COLOURS[services.indexOf(upstream) % COLOURS.length]}))`;
  return { color: colour, '--service': colour };
}

const inWaves = ({ waves }) => (waves.length ? `${waves.length > 1 ? 'waves' : 'wave'} ${waves.join(', ')}` : 'no wave');

const heightOf = bars => Math.max(14, 8 * (bars[0]?.of ?? 1));

function Bar({ at, width, lane = 0, of = 1, kind, waited = 0, words }) {
  const place = { left: percent(at), width: percent(width), top: percent(lane / of), height: percent(1 / of) };
  return (
    <div className="bar" style={place} title={words}>
      <i className={kind}>{waited > 0 && <i className="waited" style={{ width: percent(Math.min(1, waited / width)) }} />}</i>
    </div>
  );
}

/** What the bars look like, as far as some differ from the plainest. */
function Legend({ bars }) {
  const there = new Set(bars.flatMap(({ kind, waited }) => (waited > 0.004 ? [kind, 'waited'] : [kind])));
  if (!there.size || (there.size === 1 && there.has('made'))) return null;
  return (
    <p className="legend" aria-hidden="true">
      {KINDS.filter(([kind]) => there.has(kind)).map(([kind, words]) => (
        <span key={kind}><i className={kind} />{words}</span>
      ))}
    </p>
  );
}

function waveAxis(rows) {
  const last = Math.max(1, ...rows.flatMap(row => row.waves));
  const bands = Array.from({ length: last }, (_, at) => ({ name: at + 1, at: at / last, width: 1 / last }));
  const bars = row => row.waves.map(wave => ({ at: (wave - 1) / last, width: 1 / last, kind: 'planned', words: numbers(row) }));
  return { bands, bars };
}

function timeAxis(trace, rows) {
  const [from, to] = spanOf(trace);
  const share = seconds => seconds / (to - from || 1);
  const bands = bandsOf(rows).map(([wave, start, end]) => ({
    name: wave,
    at: share(start - from),
    width: share(end - start),
  }));
  const bars = row => {
    const lanes = lanesOf(row.made, LANES);
    const of = 1 + Math.max(0, ...lanes.map(([, lane]) => lane));
    return lanes.map(([call, lane]) => ({
      at: share(call.started - from),
      width: share(call.seconds),
      waited: share(call.waited),
      kind: call.error ? 'failed' : fromCache(call) ? 'cached' : call.shared ? 'shared' : 'made',
      words: `${lasting(call.seconds)}, ${call.status ?? call.error}`,
      lane,
      of,
    }));
  };
  const ticks = [0, 0.5, 1].map(at => lasting(from + at * (to - from)));
  return { bands, bars, ticks, before: Math.min(...bands.map(band => band.at)) };
}

function numbers(row, trace) {
  const most = row.most ? `at most ${counted(row.most, 'call')}` : 'not in the plan';
  if (!trace) return [most, counted(row.points, 'point'), row.form, ...(row.later ? ['deferred'] : [])].join(' · ');
  const slowest = row.made.length ? [lasting(Math.max(...row.made.map(call => call.seconds)))] : [];
  const took = slowest.map(time => (row.made.length > 1 ? `the slowest ${time}` : time));
  const made = `${counted(row.made.length, 'call')}, ${row.most ? `at most ${row.most}` : most}`;
  return [made, ...took, ...remarksOf(row)].join(' · ');
}
