const whole = new Intl.NumberFormat('en-US', { maximumFractionDigits: 0 });

/** 25454 → "25,454". */
export function formatCount(value: number): string {
  return whole.format(value);
}

/** 0.677 → "68 %" (with a space that does not break); one decimal below 10 %, where it matters. */
export function formatPercent(share: number): string {
  if (!Number.isFinite(share)) return '–';
  const percent = share * 100;
  return `${percent !== 0 && Math.abs(percent) < 9.95 ? percent.toFixed(1) : Math.round(percent)}\u00a0%`;
}

/** Seconds as people say them: "8 s", "3 min", "1 h 20 min". */
export function formatDuration(seconds: number): string {
  if (!Number.isFinite(seconds)) return '–';
  if (seconds < 1) return 'under a second';
  if (seconds < 90) return `${Math.round(seconds)} s`;
  const minutes = Math.round(seconds / 60);
  if (minutes < 90) return `${minutes} min`;
  return `${Math.floor(minutes / 60)} h ${minutes % 60} min`;
}

/** Bytes in binary steps: "134.6 MB". */
export function formatBytes(bytes: number): string {
  const units = ['B', 'kB', 'MB', 'GB'];
  let value = bytes;
  let unit = 0;
  while (value >= 1000 && unit < units.length - 1) {
    value /= 1000;
    unit++;
  }
  return `${value >= 100 || unit === 0 ? Math.round(value) : value.toFixed(1)} ${units[unit]}`;
}

/** "cell_type" → "cell type". */
export function formatName(name: string): string {
  return name.replaceAll('_', ' ');
}

/** A prediction for people: "cell type", and of a probe "condition (probe)". */
export function formatPrediction(name: string): string {
  return name.startsWith(PROBE_PREFIX) ? `${name.slice(PROBE_PREFIX.length)} (probe)` : formatName(name);
}

/** What is predicted, of whatever predicts it: "condition". */
export function labelName(name: string): string {
  return formatName(name.startsWith(PROBE_PREFIX) ? name.slice(PROBE_PREFIX.length) : name);
}

/** What stands before the label of a saved probe among the predictions. */
export const PROBE_PREFIX = 'probe_';

/** First letter large. */
export function capital(text: string): string {
  return text.charAt(0).toUpperCase() + text.slice(1);
}
