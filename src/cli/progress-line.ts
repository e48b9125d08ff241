import type { RunProgress } from '../run/embedding-run.ts';
import type { Progress } from '../run/services.ts';
import type { TrainingEvent } from '../train/types.ts';

type TrainingStep = Extract<TrainingEvent, { kind: 'step' }>;

const INTERVAL_MS = 200;
/** Without a terminal each line stays: fewer of them. */
const INTERVAL_MS_LOGGED = 2000;

/** Progress on stderr: one line that changes in a terminal, a line now and then elsewhere. */
export class ProgressLine {
  #shown = 0;
  #open = false;

  readonly show = ({ stage, done, total, unit }: Progress): void => {
    const amount = (value: number) =>
      unit === 'bytes' ? `${(value / 1e6).toFixed(1)} MB` : `${value} ${unit}`;
    this.#write(
      total === undefined
        ? `${stage} ${amount(done)}`
        : `${stage} ${done === total ? '' : `${Math.floor((100 * done) / total)} % of `}${amount(total)}`,
    );
  };

  readonly run = ({ done, total, cellsPerSecond, secondsLeft }: RunProgress): void => {
    const left = done === total ? 'done' : `${duration(secondsLeft)} left`;
    this.#write(
      `${done} of ${total} cells, ${cellsPerSecond.toPrecision(3)} cells/s, ${left}`,
      done === total,
    );
  };

  readonly training = (
    { step, steps, learningRate, cellsPerSecond, secondsLeft }: TrainingStep,
    losses: string,
  ): void => {
    const left = step === steps ? 'done' : `${duration(secondsLeft)} left`;
    this.#write(
      `step ${step} of ${steps}, ${losses}, rate ${learningRate.toExponential(1)}, ${cellsPerSecond.toPrecision(3)} cells/s, ${left}`,
      step === steps,
    );
  };

  /** A line that stays. */
  readonly say = (sentence: string): void => {
    this.#clear();
    process.stderr.write(`${sentence}\n`);
  };

  end(sentence?: string): void {
    if (this.#open) process.stderr.write('\n');
    this.#open = false;
    if (sentence !== undefined) process.stderr.write(`${sentence}\n`);
  }

  #write(text: string, always = false): void {
    const terminal = process.stderr.isTTY;
    if (!always && performance.now() - this.#shown < (terminal ? INTERVAL_MS : INTERVAL_MS_LOGGED)) return;
    this.#shown = performance.now();
    if (terminal) {
      this.#clear();
      process.stderr.write(text);
      this.#open = true;
    } else process.stderr.write(`${text}\n`);
  }

  #clear(): void {
    if (this.#open) process.stderr.write('\r\u001b[2K');
    this.#open = false;
  }
}

function duration(seconds: number): string {
  if (seconds < 90) return `${Math.ceil(seconds)} s`;
  return seconds < 5400 ? `${Math.ceil(seconds / 60)} min` : `${(seconds / 3600).toFixed(1)} h`;
}
