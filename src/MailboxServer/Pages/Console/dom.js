// Small helps for building pages. Everything that came from elsewhere goes in as text, never as markup.

const SVG = 'http://www.w3.org/2000/svg';

/** An element: properties by their names, `on…` as listeners, `aria-…` and `data-…` as attributes; null children are left out. */
export function h(tag, properties = {}, ...children) {
  const element = document.createElement(tag);
  for (const [name, value] of Object.entries(properties)) {
    if (value === undefined || value === null) continue;
    if (name.startsWith('on')) element.addEventListener(name.slice(2), value);
    else if (name.includes('-') || name === 'role' || name === 'for') element.setAttribute(name, value);
    else element[name] = value;
  }

  element.append(...children.flat().filter((child) => child !== null && child !== undefined));
  return element;
}

export function svg(tag, attributes, ...children) {
  const element = document.createElementNS(SVG, tag);
  for (const [name, value] of Object.entries(attributes)) element.setAttribute(name, value);
  element.append(...children);
  return element;
}

/** A table whose rows are replaced as a whole; says so when there are none. */
export function table(caption, columns, empty) {
  const body = h('tbody');
  const element = h('div', { className: 'table', tabIndex: 0, role: 'region', 'aria-label': caption },
    h('table', {}, h('thead', {}, h('tr', {}, columns.map((name) => h('th', { scope: 'col' }, name)))), body));
  const show = (rows) => body.replaceChildren(...(rows.length ? rows : [h('tr', {}, h('td', { colSpan: columns.length, className: 'quiet' }, empty))]));
  show([]);
  return { element, show };
}

export const row = (...cells) => h('tr', {}, cells.map((cell) => h('td', {}, cell ?? '')));

/** A label with its control below. */
export function field(label, control) {
  return h('label', {}, label, control);
}

export function button(text, act, properties = {}) {
  return h('button', { type: 'button', onclick: act, ...properties }, text);
}

/** A time as people here write it; the whole of it where the pointer rests. */
export function time(text) {
  if (!text) return '';
  const value = new Date(text);
  return h('time', { dateTime: text, title: value.toISOString() }, value.toLocaleString());
}

export function bytes(count) {
  const units = ['B', 'KB', 'MB', 'GB'];
  let unit = 0;
  let value = count;
  for (; value >= 1024 && unit < units.length - 1; unit++) value /= 1024;
  return `${unit === 0 || value >= 100 ? Math.round(value) : value.toFixed(1)} ${units[unit]}`;
}

/** For who does not see the page: what has just been done. Shown for a while to all. */
export function say(text, isBad = false) {
  const said = document.querySelector('#said');
  said.textContent = text;
  said.className = isBad ? 'bad' : 'good';
  clearTimeout(say.timer);
  say.timer = setTimeout(() => { said.textContent = ''; said.className = ''; }, isBad ? 15_000 : 6_000);
}

/** Asks before something is done that cannot be undone. */
export function confirm(title, text, action) {
  const dialog = document.querySelector('#confirm-dialog');
  document.querySelector('#confirm-title').textContent = title;
  document.querySelector('#confirm-text').textContent = text;
  document.querySelector('#confirm-ok').textContent = action;
  dialog.returnValue = '';
  dialog.showModal();
  document.querySelector('#confirm-cancel').focus();
  return new Promise((resolve) => {
    dialog.addEventListener('close', () => resolve(dialog.returnValue === 'ok'), { once: true });
  });
}
