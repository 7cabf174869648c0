// Quotes to many viewers. The backend (samples/demos/Quotes.cs) delivers each with its symbol as the Topic: a newer quote takes
// the place of an older one that was not sent yet. So what waits for a viewer is at most one quote of each symbol.
import { open } from '/mailbox.js';
import { $, lookForBackend, mailboxOfTab, showState, stayIn } from '../demos.js';

const mailbox = mailboxOfTab('quotes');
const newest = new Map(); // by symbol
let run, receiver, seen, skipped;

function begin() {
  const isSlow = $('slow').checked;
  const after = receiver?.cursor;
  receiver?.close();
  [seen, skipped] = [0, 0];
  newest.clear();
  $('quotes').replaceChildren();
  receiver = open(mailbox, {
    after, // goes on where the one before was
    // How many may be under way to this page. What is under way cannot be replaced any more, so who is slow asks for one at a time.
    window: isSlow ? 1 : 100,
    onState: showState,
    // The next one comes when this has been handled: that is all there is to being slow.
    async onMessage({ data: quote }) {
      show(quote);
      if (isSlow) await new Promise((resolve) => setTimeout(resolve, 100));
    },
  });
}

function show(quote) {
  if (quote.since !== run) {
    run = quote.since; // the backend was started anew, and so are its numbers
    newest.clear();
  }

  const last = newest.get(quote.symbol);
  if (last && quote.n <= last.n) return; // once more, after a broken connection
  if (last) skipped += quote.n - last.n - 1;
  seen++;
  newest.set(quote.symbol, quote);
  $('seen').textContent = seen;
  $('skipped').textContent = skipped;
  $('age').textContent = `${Math.max(0, Date.now() - quote.at)} ms`; // page and backend are on one machine, with one clock
  showRow(quote);
}

function showRow({ symbol, price, n }) {
  const row = $(`quote-${symbol}`) ?? $('quotes').insertRow();
  row.id = `quote-${symbol}`;
  row.replaceChildren(...[symbol, price.toFixed(2), n].map((text) => Object.assign(document.createElement('td'), { textContent: text })));
}

$('slow').addEventListener('change', begin);
stayIn('quotes', mailbox);
begin();
lookForBackend();
