/** Names donors go by in public files, the surest first; compared without case and punctuation. */
const DONOR_NAMES = [
  'donorid',
  'donor',
  'individualid',
  'individual',
  'patientid',
  'patient',
  'subjectid',
  'subject',
  'participantid',
  'participant',
  'ind',
  'sampleid',
  'sample',
  'origident',
] as const;

/** The obs column that names the donor a cell comes from, or null where none is called like it. */
export function donorColumn(columns: readonly string[]): string | null {
  const byName = new Map<string, string>();
  for (const column of columns) {
    const plain = column.toLowerCase().replace(/[^a-z0-9]/g, '');
    if (!byName.has(plain)) byName.set(plain, column);
  }
  const found = DONOR_NAMES.find((name) => byName.has(name));
  return found === undefined ? null : (byName.get(found) ?? null);
}
