import { escapeXml } from './escape.ts';

/** HTML that may stand in a page as it is; every other string is data and gets escaped. */
export class Markup {
  constructor(readonly text: string) {}
}

type Part = string | number | null | Markup | readonly Markup[];

/** `html\`<p>${name}</p>\``: text is escaped, markup and lists of it are taken over, null is nothing. */
export function html(parts: TemplateStringsArray, ...values: readonly Part[]): Markup {
  let out = parts[0];
  values.forEach((value, i) => {
    out += rendered(value) + parts[i + 1];
  });
  return new Markup(out);
}

/** A section with its heading. */
export function section(title: string, ...body: readonly (Markup | null)[]): Markup {
  return html`<section><h2>${title}</h2>${present(body)}</section>`;
}

/** Names beside values; a value of null is left out. */
export function facts(pairs: Readonly<Record<string, string | number | null>>): Markup {
  const rows = Object.entries(pairs).flatMap(([name, value]) =>
    value === null ? [] : [html`<dt>${name}</dt><dd>${value}</dd>`],
  );
  return html`<dl>${rows}</dl>`;
}

/** A table; the first cell of a row names it. */
export function table(
  caption: string,
  head: readonly string[],
  rows: readonly (readonly Part[])[],
  rowClass: (index: number) => string = () => '',
): Markup {
  const body = rows.map(
    ([name, ...cells], i) =>
      html`<tr class="${rowClass(i)}"><th scope="row">${name}</th>${cells.map((cell) => html`<td>${cell}</td>`)}</tr>`,
  );
  return html`<div class="scroll" tabindex="0" role="region" aria-label="${caption}"><table><caption>${caption}</caption><thead><tr>${head.map((name) => html`<th scope="col">${name}</th>`)}</tr></thead><tbody>${body}</tbody></table></div>`;
}

/** Sentences as a list; nothing where there are none. */
export function list(sentences: readonly string[]): Markup | null {
  return sentences.length > 0
    ? html`<ul>${sentences.map((sentence) => html`<li>${sentence}</li>`)}</ul>`
    : null;
}

function rendered(value: Part): string {
  if (value === null) return '';
  if (value instanceof Markup) return value.text;
  if (typeof value === 'object') return value.map(({ text }) => text).join('');
  return escapeXml(String(value));
}

function present(parts: readonly (Markup | null)[]): readonly Markup[] {
  return parts.filter((part) => part !== null);
}
