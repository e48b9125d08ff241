import { joinBytes } from '../model/join-bytes.ts';
import { type ExportTable, flatNames, textAt } from './table.ts';

/**
 * The table as RFC 4180 CSV (UTF-8, CRLF): cell name, obs, predictions, every embedding dimension.
 * Missing values are empty; values are written as they are, so a spreadsheet must be told that they
 * are no formulas.
 * @param pause called between blocks of cells with how many are done; it may throw to cancel
 */
export async function toCsv(
  table: ExportTable,
  pause: (done: number) => Promise<void>,
): Promise<Uint8Array<ArrayBuffer>> {
  const names = flatNames(table);
  const header = [names.cell, ...table.columns.map(({ name }) => name)];
  for (const [e, { columns }] of table.embeddings.entries()) {
    for (let k = 0; k < columns; k++) header.push(`${names.embeddings[e]}_${k + 1}`);
  }
  const encoder = new TextEncoder();
  const parts: Uint8Array<ArrayBuffer>[] = [encoder.encode(line(header))];
  const rowsAtOnce = 256;
  for (let from = 0; from < table.obsNames.length; from += rowsAtOnce) {
    await pause(from);
    let text = '';
    for (let i = from; i < Math.min(from + rowsAtOnce, table.obsNames.length); i++) {
      const fields: (string | null)[] = [table.obsNames[i]];
      for (const { column } of table.columns) fields.push(textAt(column, i));
      for (const { data, columns } of table.embeddings) {
        for (let k = 0; k < columns; k++)
          fields.push(shortest(data[i * columns + k], data instanceof Float64Array));
      }
      text += line(fields);
    }
    parts.push(encoder.encode(text));
  }
  return joinBytes(parts);
}

function line(fields: readonly (string | null)[]): string {
  return `${fields.map(quoted).join(',')}\r\n`;
}

function quoted(field: string | null): string {
  if (field === null) return '';
  return /[",\r\n]|^\s|\s$/.test(field) ? `"${field.replaceAll('"', '""')}"` : field;
}

/** The shortest decimal that reads back as the same float32 (float64 where `double`); empty for NaN. */
function shortest(value: number, double: boolean): string | null {
  if (Number.isNaN(value)) return null;
  if (double) return String(value);
  for (let digits = 6; digits < 9; digits++) {
    const text = value.toPrecision(digits);
    if (Math.fround(Number(text)) === value) return String(Number(text));
  }
  return String(value);
}
