import { ProbeError } from './errors.ts';
import type { ProbeSettings } from './types.ts';

/** @throws ProbeError 'bad-setting', with the setting's name */
export function checkSettings(
  settings: Pick<ProbeSettings, 'c' | 'seed'> & Partial<Pick<ProbeSettings, 'permutations' | 'resamples'>>,
): void {
  if (settings.c !== 'chosen' && !(settings.c > 0 && Number.isFinite(settings.c))) {
    throw new ProbeError('bad-setting', `C has to be above 0, not ${settings.c}`, 'c');
  }
  for (const name of ['permutations', 'resamples', 'seed'] as const) {
    const value = settings[name] ?? 0;
    if (!Number.isSafeInteger(value) || value < 0) {
      throw new ProbeError('bad-setting', `${name} has to be a whole number, not ${value}`, name);
    }
  }
}
