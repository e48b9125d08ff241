import type { ModelLocation } from '../../run/services.ts';

/** Packages that come with the page; the first is the one it opens with. */
export const EMBEDDED_MODELS = ['teddy-g-bootstrap', 'teddy-g-demo', 'teddy-x-demo'] as const;

/** A model that comes with the page, at an address relative to it so that any sub-path works. */
export function embeddedModel(name: (typeof EMBEDDED_MODELS)[number] = EMBEDDED_MODELS[0]): ModelLocation {
  return { kind: 'embedded', name, baseUrl: new URL(`models/${name}/`, document.baseURI).href };
}
