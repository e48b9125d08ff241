import type { ModelLocation } from '../../run/services.ts';

const NAME = 'teddy-g-bootstrap';

/** The model that comes with the page, at an address relative to it so that any sub-path works. */
export function embeddedModel(): ModelLocation {
  return { kind: 'embedded', name: NAME, baseUrl: new URL(`models/${NAME}/`, document.baseURI).href };
}
