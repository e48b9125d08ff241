import { Badge, Group, List, NativeSelect, SegmentedControl, Stack, Table, Text } from '@mantine/core';
import type { DonorPlace, DonorSetName, DonorSets } from '../../train/types.ts';
import { formatCount } from '../common/format.ts';
import { useApp } from '../state/store.ts';
import type { TrainForm } from '../state/train-form.ts';

const SETS: readonly { readonly value: DonorSetName; readonly label: string }[] = [
  { value: 'train', label: 'train' },
  { value: 'validation', label: 'validation' },
  { value: 'test', label: 'test' },
  { value: 'left-out', label: 'left out' },
];

/** Who trains, who decides when to stop, who is the test: dealt automatically, or set by the user. */
export function DonorSetsFields({ form }: { readonly form: TrainForm }) {
  const sets = useApp((state) => state.trainPlan?.sets ?? null);
  const error = useApp((state) => state.trainPlanError);
  const chooseOwn = useApp((state) => state.chooseDonorSets);
  const own = form.sets !== null;
  return (
    <Stack gap="xs" data-testid="train-sets">
      <Group gap="sm">
        <Text size="sm" fw={600} id="train-sets-name">
          Donor sets
        </Text>
        <SegmentedControl
          size="xs"
          aria-labelledby="train-sets-name"
          data={[
            { value: 'automatic', label: 'automatic' },
            { value: 'own', label: 'chosen by me' },
          ]}
          value={own ? 'own' : 'automatic'}
          onChange={(value) => chooseOwn(value === 'own')}
          disabled={form.donorColumn === null || (!own && sets === null)}
          data-testid="train-sets-mode"
        />
      </Group>
      {sets && <Counts sets={sets} />}
      {sets && form.donorColumn !== null && <DonorsTable sets={sets} own={own} />}
      {error && (
        <Text size="sm" className="warn-text" role="alert" data-testid="train-sets-error">
          {error.what} {error.help}
        </Text>
      )}
      {sets && sets.notices.length > 0 && (
        <List size="sm" spacing={2} data-testid="train-set-notices">
          {sets.notices.map((notice) => (
            <List.Item key={notice} className="warn-text">
              {notice}
            </List.Item>
          ))}
        </List>
      )}
    </Stack>
  );
}

function Counts({ sets }: { readonly sets: DonorSets }) {
  const donors = (set: DonorSetName) => sets.donors.filter((place) => place.set === set).length;
  const part = (set: 'train' | 'validation' | 'test', what: string) =>
    `${formatCount(sets[set].length)} cells of ${donors(set)} ${donors(set) === 1 ? 'donor' : 'donors'} ${what}`;
  return (
    <Text size="sm" role="status" data-testid="train-set-counts">
      {part('train', 'train')}; {part('validation', 'decide when to stop')};{' '}
      {part('test', 'are the test, opened once at the end')}.
    </Text>
  );
}

function DonorsTable({ sets, own }: { readonly sets: DonorSets; readonly own: boolean }) {
  return (
    <Table.ScrollContainer minWidth={320} maxHeight={300}>
      <Table fz="sm" verticalSpacing={3} w="auto" data-testid="train-donor-table">
        <Table.Thead>
          <Table.Tr>
            <Table.Th>Donor</Table.Th>
            <Table.Th ta="right">Cells</Table.Th>
            <Table.Th>Set</Table.Th>
          </Table.Tr>
        </Table.Thead>
        <Table.Tbody>
          {[...sets.donors].sort(byName).map((place) => (
            <Table.Tr key={place.donor} data-donor={place.donor} data-set={place.set} data-seen={place.seen}>
              <Table.Td style={{ overflowWrap: 'anywhere' }}>
                <Group gap={6}>
                  {place.donor}
                  {place.seen && (
                    <Badge size="xs" variant="light" color="grape" tt="none">
                      seen in training
                    </Badge>
                  )}
                </Group>
              </Table.Td>
              <Table.Td ta="right">{formatCount(place.cells)}</Table.Td>
              <Table.Td>{own ? <SetSelect place={place} /> : setName(place.set)}</Table.Td>
            </Table.Tr>
          ))}
        </Table.Tbody>
      </Table>
    </Table.ScrollContainer>
  );
}

function byName(a: DonorPlace, b: DonorPlace): number {
  return a.donor.localeCompare(b.donor, 'en', { numeric: true });
}

/** A donor the encoder was trained on cannot be chosen as a test. */
function SetSelect({ place }: { readonly place: DonorPlace }) {
  const setDonor = useApp((state) => state.setDonorSet);
  return (
    <NativeSelect
      size="xs"
      aria-label={`Set of ${place.donor}`}
      data={SETS.map((set) => ({ ...set, disabled: set.value === 'test' && place.seen }))}
      value={place.set}
      onChange={(event) => setDonor(place.donor, event.currentTarget.value as DonorSetName)}
    />
  );
}

function setName(set: DonorSetName): string {
  return SETS.find(({ value }) => value === set)?.label ?? set;
}
