import type { SetAside } from '../store/stored-record.ts';

/** Said of what is kept in the browser but set aside; null where nothing is. @param what `model` or `result` */
export function setAsideNote(what: 'model' | 'result', setAside: readonly SetAside[]): string | null {
  const said = (['version', 'damaged'] as const).flatMap((why) => {
    const some = setAside.filter((one) => one.why === why);
    if (some.length === 0) return [];
    const names = some.map(({ id, name }) => name ?? id).join(', ');
    const many = some.length > 1;
    const kept = `${some.length} kept ${what}${many ? 's' : ''} (${names})`;
    const cause =
      why === 'version'
        ? `${many ? 'were' : 'was'} stored by another version of teddy-web`
        : `cannot be read: ${many ? 'their records are' : 'its record is'} damaged`;
    return [`${kept} ${cause}. ${many ? 'They are' : 'It is'} set aside, neither used nor removed.`];
  });
  return said.length === 0 ? null : said.join(' ');
}
