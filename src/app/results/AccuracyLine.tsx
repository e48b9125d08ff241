import { List, SimpleGrid, Stack, Text } from '@mantine/core';
import { isDerivedColumn } from '../../analysis/labels.ts';
import type { Baseline, Tally } from '../../analysis/scores.ts';
import { Fact } from '../common/Fact.tsx';
import { formatCount, formatPercent, labelName } from '../common/format.ts';
import { useApp } from '../state/store.ts';
import type { AnnotationScores } from './use-scores.ts';

interface AccuracyLineProps {
  readonly annotation: string;
  readonly scored: AnnotationScores;
}

/** Accuracy by cell and by donor beside the two guesses that look at no gene. */
export function AccuracyLine({ annotation, scored: { scores, matched } }: AccuracyLineProps) {
  const column = useApp((state) => state.labels[annotation]?.column ?? null);
  const derived = column !== null && isDerivedColumn(column);
  if (!matched) {
    return (
      <Text size="sm" data-testid="accuracy">
        The file records no {labelName(annotation)}: there is nothing to compare with.
      </Text>
    );
  }
  const { cells, donors, commonestClass, commonestClassOfItsStudy: ofStudy, leftOut } = scores;
  return (
    <Stack gap="xs">
      {cells.n === 0 ? (
        <Text size="sm" data-testid="accuracy">
          No accuracy: no cell shown here is both labelled and of a donor the model has not trained on.
        </Text>
      ) : (
        <SimpleGrid cols={{ base: 1, xs: 3 }} spacing="md" data-testid="accuracy">
          <div>
            <Fact
              label={`of ${formatCount(cells.n)} cells ${derived ? 'agree' : 'right'}`}
              value={formatPercent(cells.accuracy)}
              testId="cell-accuracy"
            />
            <ByDonor tally={donors} interval={donors?.interval ?? null} />
          </div>
          <BaselineFact
            name="always the commonest class"
            baseline={commonestClass}
            testId="baseline-commonest"
          />
          <BaselineFact
            name="the commonest class of its study"
            ofStudy
            baseline={ofStudy}
            testId="baseline-study"
          />
        </SimpleGrid>
      )}
      {derived && (
        <Text size="sm" c="dimmed" data-testid="derived-note">
          “{column}” was made by software, not recorded by people: this is agreement, not accuracy.
        </Text>
      )}
      {!scores.donorsKnown && cells.n > 0 && (
        <Text size="sm" className="warn-text">
          No donor column is chosen, so nobody can say whether training saw these cells: this agreement may
          flatter the model.
        </Text>
      )}
      <List size="sm" c="dimmed" spacing={1} data-testid="left-out">
        {leftOut.seen > 0 && (
          <List.Item>{formatCount(leftOut.seen)} cells of donors seen in training: left out</List.Item>
        )}
        {leftOut.noDonor > 0 && (
          <List.Item>
            {formatCount(leftOut.noDonor)} cells without a donor, which training may have seen: left out
          </List.Item>
        )}
        {leftOut.withheld > 0 && (
          <List.Item>{formatCount(leftOut.withheld)} withheld cells: left out</List.Item>
        )}
        {leftOut.unlabelled > 0 && (
          <List.Item>
            {formatCount(leftOut.unlabelled)} cells without a label the model has: left out
          </List.Item>
        )}
        {matched.unmatched.length > 0 && (
          <List.Item>
            recorded, but no class of the model:{' '}
            {matched.unmatched
              .map(({ label, cells: count }) => `${label} (${formatCount(count)})`)
              .join(', ')}
          </List.Item>
        )}
      </List>
    </Stack>
  );
}

interface ByDonorProps {
  readonly tally: Tally | null;
  readonly interval: readonly [low: number, high: number] | null;
}

function ByDonor({ tally, interval }: ByDonorProps) {
  if (!tally) return null;
  return (
    <Text size="sm" data-testid="donor-accuracy">
      {tally.right} of {tally.n} donors
      {interval && ` (95 % interval ${formatPercent(interval[0])} to ${formatPercent(interval[1])})`}
    </Text>
  );
}

interface BaselineFactProps {
  readonly name: string;
  /** The guess goes by study; one that training never saw has none of its own. */
  readonly ofStudy?: boolean;
  readonly baseline: Baseline | null;
  readonly testId: string;
}

function BaselineFact({ name, ofStudy = false, baseline, testId }: BaselineFactProps) {
  if (!baseline) {
    return <Fact label={`${name}: not known for this model`} value="–" testId={testId} />;
  }
  const from = {
    training: 'in training',
    'seen donors of this file': 'among the donors of this file seen in training',
    'the tested cells': 'among these cells',
  }[baseline.from];
  const guesses = [...new Set(baseline.guesses.map((guess) => guess.class))].join(', ');
  const unseen = ofStudy && baseline.guesses.some((guess) => guess.study === null);
  return (
    <div>
      <Fact
        label={`${name} ${from}${unseen ? ' (no study of training: the commonest of all)' : ''}: ${guesses}`}
        value={formatPercent(baseline.cells.accuracy)}
        testId={testId}
      />
      <ByDonor tally={baseline.donors} interval={null} />
    </div>
  );
}
