import { GeneTableError } from './errors.ts';

/** What a gene name stands for: one Ensembl id, several (so none can be chosen), or nothing known. */
export type NameMeaning = string | 'ambiguous' | undefined;

const HEADER = 'ensembl\tsymbol\tprevious\talias\tentrez';
const SEVERAL = '';

/**
 * The genes of an organism shipped with the page (`public/genes/human.tsv.gz`, from GENCODE and HGNC;
 * `mouse.tsv.gz`, from GENCODE): Ensembl id, current symbol, previous and alias symbols, Entrez id.
 */
export class GeneTable {
  readonly #symbols: ReadonlyMap<string, string>;
  /** name → id, or SEVERAL */
  readonly #current: ReadonlyMap<string, string>;
  readonly #previous: ReadonlyMap<string, string>;
  readonly #alias: ReadonlyMap<string, string>;
  readonly #entrez: ReadonlyMap<string, string>;

  private constructor(
    symbols: ReadonlyMap<string, string>,
    current: ReadonlyMap<string, string>,
    previous: ReadonlyMap<string, string>,
    alias: ReadonlyMap<string, string>,
    entrez: ReadonlyMap<string, string>,
  ) {
    this.#symbols = symbols;
    this.#current = current;
    this.#previous = previous;
    this.#alias = alias;
    this.#entrez = entrez;
  }

  /**
   * @param text tab-separated `ensembl symbol previous alias entrez`; `previous` and `alias` are lists separated by `|`
   * @throws GeneTableError where the header or a line is another one
   */
  static parse(text: string): GeneTable {
    const lines = text.split('\n');
    if (lines[0].trimEnd() !== HEADER)
      throw new GeneTableError('the gene table does not begin with its header');
    const symbols = new Map<string, string>();
    const current = new Map<string, string>();
    const previous = new Map<string, string>();
    const alias = new Map<string, string>();
    const entrez = new Map<string, string>();
    for (let i = 1; i < lines.length; i++) {
      const line = lines[i].replace(/\r$/, '');
      if (line === '') continue;
      const [id, symbol, before, other, number, ...rest] = line.split('\t');
      if (number === undefined || rest.length > 0 || ensemblId(id) !== id) {
        throw new GeneTableError(`line ${i + 1} of the gene table is not one of five fields`);
      }
      if (symbol !== '') {
        symbols.set(id, symbol);
        note(current, symbol, id);
      }
      for (const name of before.split('|')) note(previous, name, id);
      for (const name of other.split('|')) note(alias, name, id);
      note(entrez, number, id);
    }
    return new GeneTable(symbols, current, previous, alias, entrez);
  }

  /**
   * @param bytes of the file as fetched: gzip, or plain where the server has already unpacked it
   * @throws GeneTableError where the bytes are neither
   */
  static async read(bytes: Uint8Array<ArrayBuffer>): Promise<GeneTable> {
    return GeneTable.parse(await unpackedText(bytes));
  }

  /** Genes with a symbol. */
  get size(): number {
    return this.#symbols.size;
  }

  /** Current symbol of an Ensembl id. */
  symbolOf(id: string): string | undefined {
    return this.#symbols.get(id);
  }

  /** What a name is as a current symbol. */
  current(name: string): NameMeaning {
    return meaning(this.#current.get(name));
  }

  /** What a name was as a symbol; undefined where it is somebody's current one. */
  previous(name: string): NameMeaning {
    return this.#current.has(name) ? undefined : meaning(this.#previous.get(name));
  }

  /** What a name is as an alias; undefined where it is somebody's current symbol. */
  alias(name: string): NameMeaning {
    return this.#current.has(name) ? undefined : meaning(this.#alias.get(name));
  }

  /** What a number is as an Entrez (NCBI Gene) id. */
  entrez(number: string): NameMeaning {
    return meaning(this.#entrez.get(number));
  }
}

/**
 * The text of a shipped table.
 * @param bytes gzip, or plain where the server has already unpacked it
 * @throws GeneTableError where gzip is damaged
 */
export async function unpackedText(bytes: Uint8Array<ArrayBuffer>): Promise<string> {
  const gzip = bytes[0] === 0x1f && bytes[1] === 0x8b;
  if (!gzip) return new TextDecoder().decode(bytes);
  const unpacked = new Blob([bytes]).stream().pipeThrough(new DecompressionStream('gzip'));
  try {
    return await new Response(unpacked).text();
  } catch (cause) {
    throw new GeneTableError('the gene table is damaged', { cause });
  }
}

function note(names: Map<string, string>, name: string, id: string): void {
  if (name === '') return;
  const known = names.get(name);
  names.set(name, known === undefined || known === id ? id : SEVERAL);
}

function meaning(id: string | undefined): NameMeaning {
  return id === SEVERAL ? 'ambiguous' : id;
}

const ENSEMBL_GENE = /^(ENS[A-Z]{0,6}G\d{11})(?:\.\d+)?(?:_PAR_Y)?$/;

/** Cell Ranger puts the genome before names of references of several: `GRCh38_CD3E`, `mm10___Cd3e`. */
const GENOME_PREFIX = /^(?:GRCh|GRCm|hg|mm)\d+_+/;

/** A gene's name as it is without a genome before it. */
export function withoutGenome(name: string): string {
  return name.trim().replace(GENOME_PREFIX, '');
}

/** The Ensembl gene id in a name, without version or genome; undefined where the name is none. */
export function ensemblId(name: string): string | undefined {
  return ENSEMBL_GENE.exec(withoutGenome(name))?.[1];
}
