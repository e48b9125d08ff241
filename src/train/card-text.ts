/** Names come from files: nothing of them may break out of its cell. */
export function row(...texts: readonly string[]): string {
  return `| ${texts.map((text) => text.replace(/[\r\n]+/g, ' ').replaceAll('|', '\\|')).join(' | ')} |`;
}

/** Three digits; – where there is none. */
export function figure(value: number | null): string {
  return value !== null && Number.isFinite(value) ? value.toFixed(3) : '–';
}

export function capital(text: string): string {
  return text.charAt(0).toUpperCase() + text.slice(1);
}
