// A line of the last values, without axes: the number beside it says how much it is now.

import { svg } from './dom.js';

const WIDTH = 160;
const HEIGHT = 36;

/** Shows at most `most` values; `describe` puts the newest into words for who does not see it. */
export function sparkline(most, describe) {
  const values = [];
  const line = svg('polyline', { class: 'line', points: '', fill: 'none' });
  const area = svg('polygon', { class: 'area', points: '' });
  const element = svg('svg', { viewBox: `0 0 ${WIDTH} ${HEIGHT}`, class: 'spark', role: 'img', 'aria-label': 'Nothing yet', preserveAspectRatio: 'none' }, area, line);
  return {
    element,
    add(value) {
      values.push(value);
      if (values.length > most) values.shift();
      const top = Math.max(...values, 1e-9);
      const points = values.map((v, i) => `${((i + most - values.length) * WIDTH / (most - 1)).toFixed(1)},${(HEIGHT - 2 - (v / top) * (HEIGHT - 4)).toFixed(1)}`);
      line.setAttribute('points', points.join(' '));
      area.setAttribute('points', [`${points[0].split(',')[0]},${HEIGHT}`, ...points, `${WIDTH},${HEIGHT}`].join(' '));
      element.setAttribute('aria-label', describe(value, top));
    },
  };
}
