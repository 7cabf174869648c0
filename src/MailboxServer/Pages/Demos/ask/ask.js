// A backend that answers a request and is through with it. Its answer says "Mailbox-Deliver", and so the node puts it into the
// mailbox of this page (docs/answers-as-messages.md) instead of answering this request with it. The backend: samples/demos/Backend.cs.
import { open } from '/mailbox.js';
import { $, lookForBackend, mailboxOfTab, showState } from '../demos.js';

const mailbox = mailboxOfTab('ask');
let receiver, asked = 0;

function comeBack() {
  receiver = open(mailbox, { remember: true, onMessage, onState: showState });
}

function onMessage({ id, type, data }) {
  // The backend counts the connections of its own process, and tells it a second after it answered.
  if (type === 'connections') $('open').textContent = data.open;
  if (type === 'answer' && !$(id)) show(id, `${data.question} – It has ${data.answer} characters. Connections of the backend while it wrote this: ${data.open}.`);
}

function show(id, text) {
  $('answers').append(Object.assign(document.createElement('li'), { id, textContent: text })); // text, never HTML
  $('answered').textContent = $('answers').children.length;
}

$('ask').addEventListener('submit', async (event) => {
  event.preventDefault();
  const query = new URLSearchParams({ mailbox, question: $('question').value });
  const response = await fetch(`/backend/ask?${query}`, { method: 'POST' }).catch(() => null);
  if (response?.ok) $('asked').textContent = ++asked; // 202 without a body: the answer is in the mailbox
  else lookForBackend();
});

$('away').addEventListener('change', () => {
  if ($('away').checked) receiver.close();
  else comeBack();
});

comeBack();
lookForBackend();
