/** Numbers as the tables of page and report write them. */

/** 0.8137 → "0.81"; "–" where it is not defined. */
export function figure(value: number): string {
  return Number.isFinite(value) ? value.toFixed(2) : '–';
}

/** A pair of figures as "0.62 to 0.93". */
export function range([low, high]: readonly [number, number]): string {
  return `${figure(low)} to ${figure(high)}`;
}

/** p as "0.031", "0.0099", "under 0.0001". */
export function probability(p: number): string {
  if (!Number.isFinite(p)) return '–';
  if (p < 1e-4) return 'under 0.0001';
  return p < 0.01 ? p.toPrecision(2) : p.toFixed(3).replace(/0$/, '');
}

/** 0.677 → "68 %", with a space that does not break. */
export function percent(share: number): string {
  return Number.isFinite(share) ? `${Math.round(100 * share)}\u00a0%` : '–';
}

const whole = new Intl.NumberFormat('en-US', { maximumFractionDigits: 0 });

/** 25454 → "25,454". */
export function count(value: number): string {
  return whole.format(value);
}

/** 1 → "1 donor", 3 → "3 donors". */
export function counted(value: number, one: string, many = `${one}s`): string {
  return `${count(value)} ${value === 1 ? one : many}`;
}

/** Cut to `most` characters (not UTF-16 halves) with an ellipsis. */
export function shortened(text: string, most: number): string {
  const characters = [...text];
  return characters.length <= most ? text : `${characters.slice(0, most - 1).join('')}…`;
}
