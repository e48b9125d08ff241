import { GeneTableError } from './errors.ts';

/** What a gene name stands for: one Ensembl id, several (so none can be chosen), or nothing known. */
export type NameMeaning = string | 'ambiguous' | undefined;

const HEADER = 'ensembl\tsymbol\tprevious\talias';
const SEVERAL = '';

/**
 * The human genes shipped with the page (`public/genes/human.tsv.gz`, from GENCODE and HGNC):
 * Ensembl id, current symbol, previous and alias symbols.
 */
export class GeneTable {
  readonly #symbols: ReadonlyMap<string, string>;
  /** name → id, or SEVERAL */
  readonly #current: ReadonlyMap<string, string>;
  readonly #previous: ReadonlyMap<string, string>;
  readonly #alias: ReadonlyMap<string, string>;

  private constructor(
    symbols: ReadonlyMap<string, string>,
    current: ReadonlyMap<string, string>,
    previous: ReadonlyMap<string, string>,
    alias: ReadonlyMap<string, string>,
  ) {
    this.#symbols = symbols;
    this.#current = current;
    this.#previous = previous;
    this.#alias = alias;
  }

  /**
   * @param text tab-separated `ensembl symbol previous alias`, the last two lists separated by `|`
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
    for (let i = 1; i < lines.length; i++) {
      const line = lines[i].replace(/\r$/, '');
      if (line === '') continue;
      const [id, symbol, before, other, ...rest] = line.split('\t');
      if (other === undefined || rest.length > 0 || ensemblId(id) !== id) {
        throw new GeneTableError(`line ${i + 1} of the gene table is not one of four fields`);
      }
      if (symbol !== '') {
        symbols.set(id, symbol);
        note(current, symbol, id);
      }
      for (const name of before.split('|')) note(previous, name, id);
      for (const name of other.split('|')) note(alias, name, id);
    }
    return new GeneTable(symbols, current, previous, alias);
  }

  /**
   * @param bytes of the file as fetched: gzip, or plain where the server has already unpacked it
   * @throws GeneTableError where the bytes are neither
   */
  static async read(bytes: Uint8Array<ArrayBuffer>): Promise<GeneTable> {
    const gzip = bytes[0] === 0x1f && bytes[1] === 0x8b;
    if (!gzip) return GeneTable.parse(new TextDecoder().decode(bytes));
    const unpacked = new Blob([bytes]).stream().pipeThrough(new DecompressionStream('gzip'));
    try {
      return GeneTable.parse(await new Response(unpacked).text());
    } catch (cause) {
      if (cause instanceof GeneTableError) throw cause;
      throw new GeneTableError('the gene table is damaged', { cause });
    }
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

/** The Ensembl gene id in a name, without version; undefined where the name is none. */
export function ensemblId(name: string): string | undefined {
  return ENSEMBL_GENE.exec(name.trim())?.[1];
}
