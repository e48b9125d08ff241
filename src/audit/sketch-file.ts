import * as v from 'valibot';
import type { ByteSource } from '../model/byte-source.ts';
import { ModelError } from '../model/errors.ts';
import { openSafetensors, type SafetensorsFile } from '../model/safetensors.ts';
import { type TensorToWrite, writeSafetensors } from '../model/safetensors-writer.ts';
import { AuditError } from './errors.ts';
import { NO_GENE, type Sketch, type SketchSource } from './sketch.ts';

const SCHEMA = 'teddy-web/sketch/1';
/** Metadata of the safetensors file that holds the rest as JSON. */
const FIELD = 'sketch';

/** Two million cells; larger files are refused before anything of them is read. */
const MOST_BYTES = 400_000_000;
const MOST_METADATA = 4_000_000;
const MOST_SOURCES = 64;
const MOST_ELEMENTS = 256;

const name = v.pipe(v.string(), v.maxLength(500));
const metadataSchema = v.object({
  schema: v.literal(SCHEMA),
  sources: v.pipe(
    v.array(v.object({ name, donors: v.pipe(v.array(name), v.maxLength(100_000)) })),
    v.maxLength(MOST_SOURCES),
  ),
});

/**
 * A sketch as a safetensors file: for source i the tensors `i.genes` U32 [genes], `i.donors` I32 [cells],
 * `i.places` U16 and `i.counts` U8 [cells, size]; names in the metadata.
 */
export function writeSketch({ sources }: Sketch): Uint8Array<ArrayBuffer> {
  const tensors = sources.flatMap((source, i): TensorToWrite[] => {
    const cells = source.donorOf.length;
    const shape = [cells, source.size];
    return [
      { name: `${i}.genes`, dtype: 'U32', shape: [source.genes.length], data: source.genes },
      { name: `${i}.donors`, dtype: 'I32', shape: [cells], data: source.donorOf },
      { name: `${i}.places`, dtype: 'U16', shape, data: source.places },
      { name: `${i}.counts`, dtype: 'U8', shape, data: source.counts },
    ];
  });
  const names = sources.map(({ name, donors }) => ({ name, donors }));
  return writeSafetensors(tensors, { [FIELD]: JSON.stringify({ schema: SCHEMA, sources: names }) });
}

/** Whether a file is of the format that sketches are kept in, by its first bytes. */
export async function isSafetensors(source: ByteSource): Promise<boolean> {
  if (source.size < 10) return false;
  const bytes = await source.read(0, 9);
  const header = new DataView(bytes.buffer, bytes.byteOffset).getBigUint64(0, true);
  return bytes[8] === 0x7b && header <= BigInt(source.size - 8);
}

/**
 * Reads and checks a sketch.
 * @throws AuditError 'sketch-too-large', 'sketch-version', 'sketch-invalid' naming what is wrong
 */
export async function readSketch(bytes: ByteSource): Promise<Sketch> {
  if (bytes.size > MOST_BYTES) {
    throw new AuditError('sketch-too-large', `the sketch has ${bytes.size} bytes, more than ${MOST_BYTES}`);
  }
  const file = await openFile(bytes);
  const { sources } = parseMetadata(file.metadata.get(FIELD));
  const read: SketchSource[] = [];
  for (const [i, { name, donors }] of sources.entries()) read.push(await readSource(file, i, name, donors));
  return { sources: read };
}

async function openFile(bytes: ByteSource): Promise<SafetensorsFile> {
  try {
    return await openSafetensors(bytes);
  } catch (error) {
    if (!(error instanceof ModelError)) throw error;
    throw new AuditError('sketch-invalid', error.message, error.subject, { cause: error });
  }
}

function parseMetadata(text: string | undefined): v.InferOutput<typeof metadataSchema> {
  if (text === undefined || text.length > MOST_METADATA) {
    throw invalid(`its metadata has no ${FIELD} of at most ${MOST_METADATA} characters`, FIELD);
  }
  let json: unknown;
  try {
    json = JSON.parse(text);
  } catch (cause) {
    throw new AuditError('sketch-invalid', 'its metadata are not JSON', FIELD, { cause });
  }
  const named = v.safeParse(v.object({ schema: v.string() }), json);
  if (named.success && named.output.schema !== SCHEMA) {
    const says = named.output.schema.slice(0, 80);
    throw new AuditError(
      'sketch-version',
      `the sketch says it is ${says}, this version reads ${SCHEMA}`,
      'schema',
    );
  }
  const parsed = v.safeParse(metadataSchema, json);
  if (parsed.success) return parsed.output;
  const [issue] = parsed.issues;
  const at = v.getDotPath(issue) ?? FIELD;
  throw invalid(`${at}: ${issue.message}`, at);
}

async function readSource(
  file: SafetensorsFile,
  index: number,
  name: string,
  donors: readonly string[],
): Promise<SketchSource> {
  const shapeOf = (tensor: string): readonly number[] => file.entries.get(`${index}.${tensor}`)?.shape ?? [];
  const [cells = 0, size = 0] = shapeOf('places');
  if (size > MOST_ELEMENTS)
    throw invalid(`a cell has ${size} elements, more than ${MOST_ELEMENTS}`, 'places');
  const bytesOf = async (tensor: string, dtype: string, ...shape: number[]): Promise<ArrayBuffer> => {
    const key = `${index}.${tensor}`;
    const entry = file.entries.get(key);
    if (entry?.dtype !== dtype || entry.shape.join() !== shape.join()) {
      const is = entry ? `${entry.dtype} [${entry.shape.join(', ')}]` : 'missing';
      throw invalid(`${key} is ${is}, not ${dtype} [${shape.join(', ')}]`, key);
    }
    // A copy begins at 0, as wider arrays need.
    return (await file.readRaw(key)).slice().buffer;
  };
  const genes = shapeOf('genes')[0] ?? 0;
  const source: SketchSource = {
    name,
    donors,
    size,
    genes: new Uint32Array(await bytesOf('genes', 'U32', genes)),
    donorOf: new Int32Array(await bytesOf('donors', 'I32', cells)),
    places: new Uint16Array(await bytesOf('places', 'U16', cells, size)),
    counts: new Uint8Array(await bytesOf('counts', 'U8', cells, size)),
  };
  checkSource(source, index);
  return source;
}

/** @throws AuditError where numbers point outside or are not in their order: the matcher relies on both */
function checkSource({ genes, donors, donorOf, places, size }: SketchSource, index: number): void {
  if (genes.length > NO_GENE) throw invalid(`${index}.genes has ${genes.length} genes`, `${index}.genes`);
  for (let i = 1; i < genes.length; i++) {
    if (genes[i] <= genes[i - 1]) throw invalid(`${index}.genes does not ascend`, `${index}.genes`);
  }
  if (donorOf.some((code) => code < -1 || code >= donors.length)) {
    throw invalid(`${index}.donors names a donor that is not there`, `${index}.donors`);
  }
  for (let i = 0; i < places.length; i++) {
    const place = places[i];
    const before = i % size === 0 ? -1 : places[i - 1];
    const ascends = place === NO_GENE || (before !== NO_GENE && place > before && place < genes.length);
    if (!ascends) {
      throw invalid(`cell ${Math.floor(i / size)} of ${index}.places is not in order`, `${index}.places`);
    }
  }
}

function invalid(message: string, subject: string): AuditError {
  return new AuditError('sketch-invalid', message, subject);
}
