import './style.css';
import { sentenceOf, setAsideNote } from '../../run/messages.ts';
import { StoreError } from '../../store/errors.ts';
import { askToPersist, type ModelStore, openModelStore } from '../../store/model-store.ts';
import { tellStored } from '../../store/notify.ts';
import { fetchIntoStore, lookAt, packageAddress, type RemotePackage } from '../../store/remote-package.ts';
import { button, element, megabytes } from './elements.ts';

/**
 * The page that fetches a model from an address the user names. It is the only page that may connect
 * out, and it opens no data; the main page finds the model in the browser's storage.
 */
const root = document.getElementById('root');
if (!root) throw new Error('model.html has no #root');

const query = new URLSearchParams(location.search);
const address = element('input', { type: 'url', name: 'url', required: true, value: query.get('url') ?? '' });
const medians = element('input', { type: 'url', name: 'medians', value: query.get('medians') ?? '' });
const offer = element('section', { ariaLive: 'polite' });
const stored = element('section', {});
const form = element('form', {}, [
  element('label', {}, ['Address of the model folder (with config.json and model.safetensors)', address]),
  element('label', {}, ['Address of teddy_gene_medians.json, where it is not in that folder', medians]),
  element('button', { type: 'submit' }, ['Ask this server']),
]);
form.dataset.testid = 'model-form';

root.append(
  element('h1', {}, ['Fetch a model']),
  element('p', {}, [
    'This page alone connects to other servers, and only to the one you name. It opens no data. ' +
      'The model is kept in this browser, where the main page finds it.',
  ]),
  form,
  offer,
  stored,
  element('p', {}, [element('a', { href: './index.html' }, ['Back to the main page'])]),
);

form.addEventListener('submit', (event) => {
  event.preventDefault();
  void look();
});
void showStored();

/** Asks the server for names and sizes, once the user has confirmed its name by the button. */
async function look(): Promise<void> {
  const controller = new AbortController();
  try {
    const folder = packageAddress(address.value);
    const elsewhere = medians.value.trim() === '' ? null : new URL(medians.value.trim());
    offer.replaceChildren(
      element('p', {}, [`Asking ${folder.host} …`]),
      button('Cancel', () => controller.abort()),
    );
    propose(await lookAt(folder, elsewhere, controller.signal));
  } catch (error) {
    complain(
      error,
      'The server could not be asked. Check the address; the server must allow other sites (CORS).',
    );
  }
}

/** Shows what would be fetched from where, and waits for a yes. */
function propose(remote: RemotePackage): void {
  const { host } = new URL(remote.address);
  if (remote.missing.length > 0) {
    offer.replaceChildren(
      alarm(`${host} has no complete model there: ${remote.missing.join(', ')} is missing.`),
    );
    return;
  }
  const total = remote.files.reduce((sum, file) => sum + (file.size ?? 0), 0);
  const rows = remote.files.map(({ path, size }) =>
    element('tr', {}, [
      element('td', {}, [path]),
      element('td', {}, [size === null ? 'size unknown' : megabytes(size)]),
    ]),
  );
  const yes = button(`Fetch ${megabytes(total)} from ${host}`, () => void fetchAll(remote, total));
  yes.dataset.testid = 'fetch-model';
  offer.replaceChildren(element('h2', {}, [`${remote.name}, from ${host}`]), element('table', {}, rows), yes);
}

async function fetchAll(remote: RemotePackage, total: number): Promise<void> {
  const controller = new AbortController();
  const bar = element('progress', { max: total, value: 0, ariaLabel: 'Bytes fetched' });
  const line = element('p', {});
  const cancel = button('Cancel', () => controller.abort());
  offer.replaceChildren(bar, line, cancel);
  try {
    const store = await neededStore();
    await askToPersist();
    const model = await fetchIntoStore(store, remote, {
      signal: controller.signal,
      onBytes: (done) => {
        bar.value = done;
        line.textContent = `${megabytes(done)} of ${megabytes(total)}`;
      },
    });
    tellStored();
    const done = element('p', {}, [
      `${model.name} is stored (SHA-256 ${model.sha256}). Choose it on the main page.`,
    ]);
    done.dataset.testid = 'model-stored';
    offer.replaceChildren(done);
    await showStored();
  } catch (error) {
    complain(error, 'The model could not be fetched.');
    offer.append(button('Try again', () => void fetchAll(remote, total)));
  }
}

async function neededStore(): Promise<ModelStore> {
  const store = await openModelStore();
  if (!store) throw new StoreError('store-absent', 'this browser gives the page no private storage');
  return store;
}

async function showStored(): Promise<void> {
  const store = await openModelStore();
  const { models, setAside } = (await store?.list()) ?? { models: [], setAside: [] };
  const row = (id: string, name: string, origin: string, size: string) =>
    element('tr', {}, [
      element('td', {}, [name]),
      element('td', {}, [origin]),
      element('td', {}, [
        size,
        button('Delete', () => {
          void store?.delete(id).then(() => {
            tellStored();
            return showStored();
          });
        }),
      ]),
    ]);
  const rows = [
    ...models.map(({ id, name, origin, bytes }) =>
      row(id, name, origin || 'dropped', `${megabytes(bytes)} `),
    ),
    ...setAside.map(({ id, name }) => row(id, name ?? id, 'set aside', '')),
  ];
  const note = setAsideNote('model', setAside);
  stored.replaceChildren(
    element('h2', {}, ['Kept in this browser']),
    rows.length > 0 ? element('table', {}, rows) : element('p', {}, ['No model yet.']),
    ...(note === null ? [] : [element('p', {}, [note])]),
  );
}

/** Known errors have their own sentence; a bare failure of fetch or URL gets `otherwise`. */
function complain(error: unknown, otherwise: string): void {
  const plain = error instanceof TypeError;
  const { what, help } = plain ? { what: otherwise, help: null } : sentenceOf(error);
  offer.replaceChildren(alarm(help === null ? what : `${what} ${help}`));
}

function alarm(text: string): HTMLElement {
  return element('p', { role: 'alert' }, [text]);
}
