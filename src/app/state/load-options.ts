import type { EngineKind, EnginePrecision } from '../../engine/engine.ts';
import type { LoadOptions } from '../../run/services.ts';

/** The user's engine and precision, and the self-test's test switch: `?breakKernel=name` in the address. */
export function loadOptions(wish: EngineKind | null, precision: EnginePrecision): LoadOptions {
  const broken = new URLSearchParams(globalThis.location?.search ?? '').get('breakKernel');
  return { ...(wish ? { engine: wish } : {}), precision, ...(broken ? { breakKernel: broken } : {}) };
}
