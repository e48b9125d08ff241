import type { EngineKind } from '../../engine/engine.ts';
import type { LoadOptions } from '../../run/services.ts';

/** The user's engine, and the self-test's test switch: `?breakKernel=name` in the address. */
export function loadOptions(wish: EngineKind | null): LoadOptions {
  const broken = new URLSearchParams(globalThis.location?.search ?? '').get('breakKernel');
  return { ...(wish ? { engine: wish } : {}), ...(broken ? { breakKernel: broken } : {}) };
}
