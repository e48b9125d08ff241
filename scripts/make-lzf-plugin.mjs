/**
 * Writes src/cli/plugins/libH5Zlzf.so: the lzf filter of h5wasm-plugins, made to load in our h5wasm.
 *
 * The published plugin fails in two ways. (1) Where the file does not say how large a chunk is, as h5py
 * writes text, it makes room for as many bytes as the compressed chunk has and gives up when they do not
 * suffice; we make room for 90 times as many (LZF expands 3 bytes to 264 at most). (2) On failure it calls
 * `__errno_location`, which h5wasm 0.10 does not offer to plugins, so that the whole library aborts. The
 * loader takes a symbol it does not know from the plugin's own exports: we append one function that returns
 * the address of four bytes behind the plugin's data, and export it by that name.
 *
 * Usage: node scripts/make-lzf-plugin.mjs
 */
import { mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';

const SYMBOL = '__errno_location';
const SECTION = { custom: 0, type: 1, import: 2, function: 3, export: 7, code: 10 };
const I32 = 0x7f;

/** @typedef {{ id: number, body: Buffer }} Section */

const require = createRequire(import.meta.url);
const source = join(dirname(require.resolve('h5wasm-plugins')), 'plugins', 'libH5Zlzf.so');
const target = fileURLToPath(new URL('../src/cli/plugins/libH5Zlzf.so', import.meta.url));

const plugin = readFileSync(source);
const patched = withOwnErrno(plugin);
new WebAssembly.Module(patched);
mkdirSync(dirname(target), { recursive: true });
writeFileSync(target, patched);
console.log(`${target}: ${patched.length} bytes`);

/** @param {Buffer<ArrayBuffer>} bytes */
function withOwnErrno(bytes) {
  const sections = readSections(bytes);
  const module = new WebAssembly.Module(bytes);
  const imports = WebAssembly.Module.imports(module);
  const functions = imports.filter(({ kind }) => kind === 'function');
  const memoryBase = imports
    .filter(({ kind }) => kind === 'global')
    .findIndex(({ name }) => name === '__memory_base');
  const type = findType(bodyOf(sections, SECTION.type));
  const defined = readLeb(bodyOf(sections, SECTION.function), 0).value;
  const memorySize = readMemorySize(sections);
  const address = Math.ceil(memorySize / 4) * 4;

  return Buffer.concat([
    bytes.subarray(0, 8),
    ...sections.map(({ id, body }) => {
      if (isDylink(id, body)) return section(id, growMemory(body, address + 4));
      if (id === SECTION.function) return section(id, append(body, leb(type)));
      if (id === SECTION.export) {
        const name = Buffer.from(SYMBOL);
        return section(
          id,
          append(body, [...leb(name.length), ...name, 0, ...leb(functions.length + defined)]),
        );
      }
      if (id === SECTION.code) {
        const code = [0, 0x23, ...leb(memoryBase), 0x41, ...signedLeb(address), 0x6a, 0x0b];
        return section(id, append(withRoom(body), [...leb(code.length), ...code]));
      }
      return section(id, body);
    }),
  ]);
}

/** @param {Buffer} bytes */
function readSections(bytes) {
  /** @type {Section[]} */
  const sections = [];
  for (let at = 8; at < bytes.length; ) {
    const id = bytes[at];
    const { value, next } = readLeb(bytes, at + 1);
    sections.push({ id, body: bytes.subarray(next, next + value) });
    at = next + value;
  }
  return sections;
}

/**
 * @param {readonly Section[]} sections
 * @param {number} wanted
 */
function bodyOf(sections, wanted) {
  const found = sections.find(({ id }) => id === wanted);
  if (!found) throw new Error(`the plugin has no section ${wanted}`);
  return found.body;
}

/**
 * The code section with `size = *buf_size` in the filter turned into `size = *buf_size * 90 + 64`.
 * @param {Buffer} body
 */
function withRoom(body) {
  const original = Buffer.from([0x20, 0x04, 0x28, 0x02, 0x00, 0x21, 0x01]);
  const insertion = Buffer.from([0x41, ...signedLeb(90), 0x6c, 0x41, ...signedLeb(64), 0x6a]);
  const count = readLeb(body, 0);
  const functions = [];
  let patched = 0;
  for (let at = count.next; at < body.length; ) {
    const size = readLeb(body, at);
    let code = body.subarray(size.next, size.next + size.value);
    at = size.next + size.value;
    const found = code.indexOf(original);
    if (found >= 0) {
      code = Buffer.concat([code.subarray(0, found + 5), insertion, code.subarray(found + 5)]);
      patched++;
    }
    functions.push(Buffer.from(leb(code.length)), code);
  }
  if (patched !== 1) throw new Error(`the place to patch was found ${patched} times`);
  return Buffer.concat([Buffer.from(leb(count.value)), ...functions]);
}

/**
 * Index of the type () → i32.
 * @param {Buffer} body
 */
function findType(body) {
  const { value: count, next } = readLeb(body, 0);
  let at = next;
  for (let index = 0; index < count; index++) {
    const parameters = readLeb(body, at + 1);
    const results = readLeb(body, parameters.next + parameters.value);
    if (parameters.value === 0 && results.value === 1 && body[results.next] === I32) return index;
    at = results.next + results.value;
  }
  throw new Error('the plugin has no function () → i32');
}

/**
 * @param {number} id
 * @param {Buffer} body
 */
function isDylink(id, body) {
  return id === SECTION.custom && body.subarray(1, 9).toString() === 'dylink.0';
}

/**
 * dylink.0 begins with subsection 1, its size, then memory size, alignment, table size, alignment.
 * @param {readonly Section[]} sections
 */
function readMemorySize(sections) {
  const body = sections.find((section) => isDylink(section.id, section.body))?.body;
  if (body?.[9] !== 1) throw new Error('dylink.0 does not begin with its memory');
  return readLeb(body, readLeb(body, 10).next).value;
}

/**
 * @param {Buffer} body
 * @param {number} size
 */
function growMemory(body, size) {
  const length = readLeb(body, 10);
  const memory = readLeb(body, length.next);
  const info = Buffer.concat([
    Buffer.from(leb(size)),
    body.subarray(memory.next, length.next + length.value),
  ]);
  const rest = body.subarray(length.next + length.value);
  return Buffer.concat([body.subarray(0, 10), Buffer.from(leb(info.length)), info, rest]);
}

/**
 * A vector section with one more item.
 * @param {Buffer} body
 * @param {readonly number[]} item
 */
function append(body, item) {
  const { value, next } = readLeb(body, 0);
  return Buffer.concat([Buffer.from(leb(value + 1)), body.subarray(next), Buffer.from(item)]);
}

/**
 * @param {number} id
 * @param {Buffer} body
 */
function section(id, body) {
  return Buffer.concat([Buffer.from([id, ...leb(body.length)]), body]);
}

/**
 * @param {Buffer} bytes
 * @param {number} at
 */
function readLeb(bytes, at) {
  let value = 0;
  for (let shift = 0; ; shift += 7) {
    const byte = bytes[at++];
    value |= (byte & 0x7f) << shift;
    if (byte < 0x80) return { value, next: at };
  }
}

/** @param {number} value */
function leb(value) {
  const bytes = [];
  for (let rest = value; ; rest >>>= 7) {
    if (rest < 0x80) return [...bytes, rest];
    bytes.push((rest & 0x7f) | 0x80);
  }
}

/**
 * Signed form, for i32.const.
 * @param {number} value
 */
function signedLeb(value) {
  const bytes = [];
  for (let rest = value; ; rest >>= 7) {
    if (rest < 0x40) return [...bytes, rest];
    bytes.push((rest & 0x7f) | 0x80);
  }
}
