// What is counted, each as a bar: how much at worst, how much it really was, and how much there may be.
import { counted } from './rows.js';

/** Price, calls and budget of a plan; `trace` once it ran, `quota` where one is kept. */
export function Meters({ measures: { price, upstreamCalls }, trace, quota }) {
  return (
    <div className="meters">
      <Meter label="Price" noun="point" {...price} really={trace?.points} />
      <Meter label="Calls" noun="call" {...upstreamCalls} really={trace?.upstreamCalls} />
      {quota && <Budget {...quota} />}
    </div>
  );
}

function Meter({ label, noun, value, most, really }) {
  const full = Math.max(1, most ?? value);
  const limit = most === undefined ? '' : value > most ? `, over ${most}` : ` of ${most}`;
  const worst = `at most ${really === undefined ? counted(value, noun) : value}${limit}`;
  const words = really === undefined ? worst : `${counted(really, noun)}, ${worst}`;
  return (
    <Track label={label} now={Math.min(full, really ?? value)} full={full} words={words} over={value > full}>
      <i className="worst" style={{ width: share(value, full) }} />
      {really !== undefined && <i className="really" style={{ width: share(really, full) }} />}
    </Track>
  );
}

function Budget({ remaining, limit, reset }) {
  const again = remaining < limit && reset ? `, full in ${Math.ceil(reset)} s` : '';
  const words = `${counted(remaining, 'point')} of ${limit}${again}`;
  return (
    <Track label="Budget left" now={remaining} full={limit} words={words}>
      <i className="left" style={{ width: share(remaining, limit) }} />
    </Track>
  );
}

function Track({ label, now, full, words, over = false, children }) {
  return (
    <div className={over ? 'measured over' : 'measured'}>
      <span aria-hidden="true">{label}</span>
      <span aria-hidden="true">{words}</span>
      <div className="track" role="meter" aria-label={label} aria-valuenow={now} aria-valuemin={0} aria-valuemax={full} aria-valuetext={words}>
        {children}
      </div>
    </div>
  );
}

const share = (value, full) => `${Math.min(100, (100 * value) / full).toFixed(2)}%`;
