import { ModelError } from './errors.ts';
import { checkJson, natural, record } from './json-schema.ts';

/** Token → id. */
const ADDED_TOKENS = record(natural(0, 16_777_216), 10_000);

/** Annotations whose token is not simply `<name>`. */
const ANNOTATION_TOKENS: Readonly<Record<string, string>> = { tissue: '<tissue_type>' };

/** The token that stands before the genes for an annotation. */
export function annotationToken(annotation: string): string {
  return ANNOTATION_TOKENS[annotation] ?? `<${annotation}>`;
}

/** The tokens of a model: gene ids line by line, and the special tokens beside them. */
export class Vocabulary {
  readonly #tokens: readonly string[];
  readonly #ids: ReadonlyMap<string, number>;
  /** `<pad>`, `<mask>`, `<disease>` … → id. */
  readonly special: ReadonlyMap<string, number>;

  private constructor(
    tokens: readonly string[],
    ids: ReadonlyMap<string, number>,
    special: Map<string, number>,
  ) {
    this.#tokens = tokens;
    this.#ids = ids;
    this.special = special;
  }

  /**
   * @param vocabText `vocab.txt`: one token a line, id = 0-based line
   * @param addedTokens `added_tokens.json` as parsed JSON: token → id
   * @throws ModelError 'vocabulary-invalid' for empty or repeated tokens and for ids used twice
   */
  static parse(vocabText: string, addedTokens: unknown): Vocabulary {
    const tokens = vocabText.replace(/\r?\n$/, '').split(/\r?\n/);
    const ids = new Map<string, number>();
    for (const [id, token] of tokens.entries()) {
      if (token.trim() === '') throw invalid(`vocab.txt: line ${id + 1} is empty`, 'vocab.txt');
      if (ids.has(token)) throw invalid(`vocab.txt names ${token} twice`, token);
      ids.set(token, id);
    }
    return new Vocabulary(tokens, ids, specialTokens(addedTokens, tokens));
  }

  /** Tokens of vocab.txt; the special tokens of added_tokens.json are not counted. */
  get size(): number {
    return this.#tokens.length;
  }

  /** Id of an Ensembl id without version, or of any other token of vocab.txt. */
  idOf(ensemblId: string): number | undefined {
    return this.#ids.get(ensemblId);
  }

  /** The token of an id of vocab.txt. @throws RangeError for other ids. */
  token(id: number): string {
    const token = this.#tokens[id];
    if (token === undefined) throw new RangeError(`the vocabulary has no token ${id}`);
    return token;
  }

  /** All tokens of vocab.txt in order of id. */
  tokens(): readonly string[] {
    return this.#tokens;
  }

  /**
   * Id of a special token.
   * @throws ModelError 'vocabulary-invalid' where added_tokens.json lacks it.
   */
  specialId(token: string): number {
    const id = this.special.get(token);
    if (id === undefined) throw invalid(`added_tokens.json has no ${token}`, token);
    return id;
  }

  /** Ids of the tokens that stand before the genes, for annotation names in the order of config.json. */
  annotationIds(annotations: readonly string[]): readonly number[] {
    return annotations.map((name) => this.specialId(annotationToken(name)));
  }
}

function specialTokens(addedTokens: unknown, tokens: readonly string[]): Map<string, number> {
  const found = checkJson(ADDED_TOKENS, addedTokens, 'added_tokens.json', 'vocabulary-invalid');
  const special = new Map<string, number>();
  const taken = new Map<number, string>();
  for (const [token, id] of Object.entries(found)) {
    const other = taken.get(id) ?? tokens[id];
    if (other !== undefined && other !== token) {
      throw invalid(`added_tokens.json: ${token} has the id ${id} of ${other}`, token);
    }
    taken.set(id, token);
    special.set(token, id);
  }
  return special;
}

function invalid(message: string, subject: string): ModelError {
  return new ModelError('vocabulary-invalid', message, subject);
}
