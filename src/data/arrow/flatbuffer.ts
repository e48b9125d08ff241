import { DataError } from '../errors.ts';

/**
 * Flatbuffers (flatbuffers.dev, internals) before a library reads them: its readers take offsets and lengths as they
 * come, and a vector that claims 2³¹ entries is a loop of as many steps.
 */

/** What a field of a table is; null = a scalar, or nothing that is read. */
export type FieldRule =
  | null
  | { readonly kind: 'text' }
  /** Scalars or structs of so many bytes in a row. */
  | { readonly kind: 'values'; readonly size: number }
  | { readonly kind: 'table'; readonly of: () => TableRule }
  | { readonly kind: 'tables'; readonly of: () => TableRule }
  /** A table whose kind the field before it names by number. */
  | { readonly kind: 'union'; readonly of: (type: number) => TableRule };

/** The fields of a table by their number; those beyond are not read. */
export type TableRule = readonly FieldRule[];

/** Tables in one flatbuffer; a schema of 100,000 columns has some 300,000. */
const MOST_TABLES = 10_000_000;
/** Nested types go some levels deep. */
const MOST_LEVELS = 64;

/** A table inside a flatbuffer; fields by number, absent ones null or 0. */
export class FlatTable {
  private constructor(
    private readonly bytes: DataView,
    private readonly at: number,
  ) {}

  /**
   * The outermost table, all that is below it verified to lie within the bytes.
   * @throws DataError `corrupt`
   */
  static verified(bytes: DataView, rule: TableRule): FlatTable {
    const root = new FlatTable(bytes, bytes.byteLength < 4 ? -1 : bytes.getUint32(0, true));
    const budget = { tables: MOST_TABLES };
    root.#verify(rule, budget, 0);
    return root;
  }

  #verify(rule: TableRule, budget: { tables: number }, level: number): void {
    if (--budget.tables < 0 || level > MOST_LEVELS) throw damaged();
    this.#within(this.at, 4);
    const vtable = this.at - this.bytes.getInt32(this.at, true);
    this.#within(vtable, 4);
    const length = this.bytes.getUint16(vtable, true);
    if (length < 4) throw damaged();
    this.#within(vtable, length);
    rule.forEach((field, number) => {
      if (field === null) return;
      const at = this.#field(number);
      if (at !== null) this.#verifyField(field, at, number, budget, level);
    });
  }

  #verifyField(
    field: NonNullable<FieldRule>,
    at: number,
    number: number,
    budget: { tables: number },
    level: number,
  ): void {
    const target = this.#target(at);
    switch (field.kind) {
      case 'text':
        this.#within(target + 4, this.#length(target));
        break;
      case 'values':
        this.#within(target + 4, this.#length(target) * field.size);
        break;
      case 'table':
        new FlatTable(this.bytes, target).#verify(field.of(), budget, level + 1);
        break;
      case 'union':
        new FlatTable(this.bytes, target).#verify(field.of(this.byte(number - 1)), budget, level + 1);
        break;
      case 'tables': {
        const count = this.#length(target);
        this.#within(target + 4, 4 * count);
        for (let i = 0; i < count; i++) {
          const entry = target + 4 + 4 * i;
          new FlatTable(this.bytes, this.#target(entry)).#verify(field.of(), budget, level + 1);
        }
      }
    }
  }

  #within(at: number, length: number): void {
    if (!(at >= 0 && at + length <= this.bytes.byteLength)) throw damaged();
  }

  /** Where the offset at `at` leads. */
  #target(at: number): number {
    this.#within(at, 4);
    return at + this.bytes.getUint32(at, true);
  }

  #length(vector: number): number {
    this.#within(vector, 4);
    return this.bytes.getUint32(vector, true);
  }

  #field(number: number): number | null {
    const vtable = this.at - this.bytes.getInt32(this.at, true);
    const entry = 4 + 2 * number;
    if (entry + 2 > this.bytes.getUint16(vtable, true)) return null;
    const offset = this.bytes.getUint16(vtable + entry, true);
    return offset === 0 ? null : this.at + offset;
  }

  table(number: number): FlatTable | null {
    const at = this.#field(number);
    return at === null ? null : new FlatTable(this.bytes, this.#target(at));
  }

  byte(number: number): number {
    const at = this.#scalar(number, 1);
    return at === null ? 0 : this.bytes.getUint8(at);
  }

  int16(number: number): number {
    const at = this.#scalar(number, 2);
    return at === null ? 0 : this.bytes.getInt16(at, true);
  }

  int64(number: number): bigint {
    const at = this.#scalar(number, 8);
    return at === null ? 0n : this.bytes.getBigInt64(at, true);
  }

  /** The structs of a vector, each as its bytes. */
  structs(number: number, size: number): readonly DataView[] {
    const at = this.#field(number);
    if (at === null) return [];
    const vector = this.#target(at);
    const { buffer, byteOffset } = this.bytes;
    return Array.from(
      { length: this.#length(vector) },
      (_, i) => new DataView(buffer, byteOffset + vector + 4 + i * size, size),
    );
  }

  #scalar(number: number, size: number): number | null {
    const at = this.#field(number);
    if (at !== null) this.#within(at, size);
    return at;
  }
}

function damaged(): DataError {
  return new DataError('corrupt', 'the description of what the Arrow file holds is damaged');
}
