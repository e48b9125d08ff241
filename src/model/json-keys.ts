/**
 * Keys that occur more than once in the outermost object of a valid JSON text. JSON.parse keeps the
 * last of them silently, which would let two readers of one file disagree about a tensor.
 */
export function duplicateKeys(text: string): readonly string[] {
  const seen = new Set<string>();
  const duplicates: string[] = [];
  let depth = 0;
  let key: string | undefined;
  for (let i = 0; i < text.length; i++) {
    const c = text[i];
    if (c === '"') {
      const end = closingQuote(text, i);
      if (depth === 1) key = text.slice(i, end + 1);
      i = end;
    } else if (c === ':' && depth === 1 && key !== undefined) {
      const name = JSON.parse(key) as string;
      if (seen.has(name)) duplicates.push(name);
      seen.add(name);
      key = undefined;
    } else if (c === '{' || c === '[') {
      depth++;
    } else if (c === '}' || c === ']') {
      depth--;
    }
  }
  return duplicates;
}

function closingQuote(text: string, open: number): number {
  let i = open + 1;
  while (i < text.length && text[i] !== '"') i += text[i] === '\\' ? 2 : 1;
  return i;
}
