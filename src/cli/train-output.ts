import type { Losses } from '../engine/trainer.ts';
import type { MethodResult } from '../probe/results.ts';
import { testSentences } from '../report/test-sentences.ts';
import type { TrainingEvent, TrainingSummary } from '../train/types.ts';
import type { ProgressLine } from './progress-line.ts';

/** A run's events as lines of progress, and with `json` each as a line of JSON on stdout too. */
export function trainingEvents(line: ProgressLine, json: boolean): (event: TrainingEvent) => void {
  return (event) => {
    if (json) process.stdout.write(`${JSON.stringify(event)}\n`);
    switch (event.kind) {
      case 'started': {
        const { engine, steps, plan, resumedAt, deviceBytes } = event;
        line.say(
          `${engine.kind} (${engine.device}): ${steps} steps, ${plan.stepsPerEpoch} an epoch, ${(deviceBytes / 1e6).toFixed(0)} MB on the device${resumedAt > 0 ? `; goes on after step ${resumedAt}` : ''}`,
        );
        break;
      }
      case 'step':
        line.training(event, lossText(event.losses));
        break;
      case 'validation':
        line.say(
          `validation after step ${event.step}: ${[lossText(event.losses), ...scores(event.annotations)].join(', ')}${event.best ? ' (best)' : ''}`,
        );
        break;
      case 'baselines':
        for (const { annotation, name, accuracy, balancedAccuracy } of event.lines)
          line.say(
            `  ${annotation} by ${name}: accuracy ${figure(accuracy)}, balanced ${figure(balancedAccuracy)}`,
          );
        break;
      case 'notice':
        line.say(event.sentence);
        break;
      default:
    }
  };
}

/** The end of a run and its test as a table. */
export function trainingText({ reason, best, test, threshold, seconds, cellsSeen }: TrainingSummary): string {
  const lines = [
    `${reason}; ${cellsSeen} cells in ${Math.round(seconds)} s${best ? `; the weights are those after step ${best.step}` : ''}`,
  ];
  for (const [annotation, methods] of Object.entries(test?.methods ?? {})) {
    lines.push(
      '',
      `${annotation}, ${methods[0].cells.length} cells of ${methods[0].byGroup.length} test donors`,
    );
    lines.push(...methods.map(methodLine), ...testSentences(methods).map((sentence) => `  ${sentence}`));
  }
  for (const { study, tokens, loss, base, frequencies, accuracy } of test?.masked ?? [])
    lines.push(
      `hidden tokens of ${study}: loss ${figure(loss)}, of the base model ${figure(base ?? Number.NaN)}, by frequencies ${figure(frequencies)}, right ${figure(accuracy)} (n = ${tokens})`,
    );
  if (test === null) lines.push('no test donors: how it does on other people is not known');
  if (threshold !== null) lines.push(`threshold chosen on validation donors: ${threshold}`);
  return `${lines.join('\n')}\n`;
}

function methodLine({ name, metrics, uncertainty }: MethodResult): string {
  const sure =
    uncertainty.kind === 'bootstrap'
      ? `95 % over donors ${uncertainty.intervals.accuracy.map(figure).join('–')}`
      : uncertainty.kind === 'donors-right'
        ? `${uncertainty.donorsRight.right} of ${uncertainty.donorsRight.n} donors right`
        : 'too few donors for an interval';
  return `  ${name.padEnd(28)} accuracy ${figure(metrics.accuracy)}  balanced ${figure(metrics.balancedAccuracy)}  ${sure}`;
}

function lossText({ total, masked, maskedTokens, maskedRight }: Losses): string {
  const hidden =
    masked === null ? '' : `, hidden ${figure(masked)} (${figure(maskedRight / maskedTokens)} right)`;
  return `loss ${figure(total)}${hidden}`;
}

function scores(annotations: Extract<TrainingEvent, { kind: 'validation' }>['annotations']): string[] {
  return Object.entries(annotations).map(([name, { accuracy }]) => `${name} ${figure(accuracy)}`);
}

function figure(value: number): string {
  return Number.isFinite(value) ? value.toFixed(3) : '–';
}
