// The plan as a picture: a row for each call, left to right by wave; once it ran, by time, each call where it happened.
// Knows no network. Widths are per cent, so that it fits whatever room the panel has; colours are GraphiQL's own.
import { useId } from 'react';

import { bandsOf, counted, fromCache, lanesOf, lasting, remarksOf, spanOf } from './rows.js';

const [TOP, ROW, BAR, LANES, FOOT] = [22, 52, 12, 3, 18];
const COLOURS = ['primary', 'info', 'success', 'secondary', 'warning', 'tertiary'];
const ANCHORS = { 0: 'start', 0.5: 'middle', 1: 'end' };
const percent = share => `${(100 * share).toFixed(3)}%`;

export function Picture({ rows, trace, told }) {
  const [title, description] = [useId(), useId()];
  const services = [...new Set(rows.map(row => row.upstream))];
  const axis = trace ? timeAxis(trace, rows) : waveAxis(rows);
  const height = TOP + ROW * rows.length + (axis.ticks ? FOOT : 0);
  return (
    <svg className="bff-plan-picture" height={height} role="img" aria-labelledby={title} aria-describedby={description}>
      <title id={title}>{trace ? 'What was planned, and when each call ran' : 'The calls that are planned, by wave'}</title>
      <desc id={description}>{told}</desc>
      {axis.bands.map(({ name, at, width }, index) => (
        <g key={name}>
          <rect className={`band ${index % 2 ? 'odd' : ''}`} x={percent(at)} width={percent(width)} height={height} />
          <text className="axis" x={percent(at)} dx="4" y="14">{width > 0.13 ? `wave ${name}` : width > 0.05 ? name : ''}</text>
        </g>
      ))}
      {axis.ticks?.map(({ at, name }) => (
        <text key={at} className="axis" x={percent(at)} dx={4 - 8 * at} y={height - 5} textAnchor={ANCHORS[at]}>{name}</text>
      ))}
      {rows.map((row, index) => (
        <g key={`${row.upstream} ${row.call}`} style={{ color: `hsl(var(--color-${colour(services, row)}))` }}>
          <text className="label" x="4" y={TOP + ROW * index + 14}>
            <tspan className="service">{row.upstream}</tspan> {row.call}
          </text>
          <text className="numbers" x="4" y={TOP + ROW * index + 28}>{numbers(row, trace)}</text>
          {axis.bars(row).map((bar, at) => (
            <Bar key={at} {...bar} y={TOP + ROW * index + 34} />
          ))}
        </g>
      ))}
    </svg>
  );
}

const colour = (services, row) => COLOURS[services.indexOf(row.upstream) % COLOURS.length];

function Bar({ at, width, y, lane = 0, of = 1, kind, waited = 0, words }) {
  const lanes = BAR / of;
  const height = lanes - (of > 1 ? 1.5 : 0);
  return (
    <g>
      <title>{words}</title>
      <rect className={`bar ${kind}`} x={percent(at)} width={percent(width)} y={y + lane * lanes} height={height} rx="2" />
      {waited > 0 && (
        <rect className="waited" x={percent(at)} width={percent(waited)} y={y + lane * lanes} height={height} />
      )}
    </g>
  );
}

function waveAxis(rows) {
  const last = Math.max(1, ...rows.flatMap(row => row.waves));
  const bands = Array.from({ length: last }, (_, at) => ({ name: at + 1, at: at / last, width: 1 / last }));
  const bars = row =>
    row.waves.map(wave => ({ at: (wave - 1) / last, width: 0.94 / last, kind: 'planned', words: numbers(row) }));
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
      width: Math.max(0.006, share(call.seconds)),
      waited: share(call.waited),
      kind: call.error ? 'failed' : fromCache(call) ? 'cached' : call.shared ? 'shared' : 'made',
      words: `${lasting(call.seconds)}, ${call.status ?? call.error}`,
      lane,
      of,
    }));
  };
  const ticks = [0, 0.5, 1].map(at => ({ at, name: lasting(from + at * (to - from)) }));
  return { bands, bars, ticks };
}

function numbers(row, trace) {
  const most = row.most ? `at most ${counted(row.most, 'call')}` : 'not in the plan';
  if (!trace) return `${most}, ${counted(row.points, 'point')}; ${row.form}`;
  const slowest = row.made.length ? [lasting(Math.max(...row.made.map(call => call.seconds)))] : [];
  const took = slowest.map(time => (row.made.length > 1 ? `the slowest ${time}` : time));
  return [`${row.made.length} made, ${most}`, ...took, ...remarksOf(row)].join('; ');
}
