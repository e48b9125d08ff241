/** Mean ± standard deviation. @param {readonly number[]} values @param {(value: number) => string} write */
export function spread(values, write = figure) {
  if (values.length < 2) return write(mean(values));
  const middle = mean(values);
  const squares = values.reduce((sum, value) => sum + (value - middle) ** 2, 0);
  const deviation = Math.sqrt(squares / (values.length - 1));
  return deviation === 0 ? write(middle) : `${write(middle)} ± ${write(deviation)}`;
}

/** @param {readonly number[]} values */
export function mean(values) {
  return values.reduce((sum, value) => sum + value, 0) / values.length;
}

/** @param {number} n @param {number} k */
export function binomial(n, k) {
  let ways = 1;
  for (let i = 1; i <= k; i++) ways = (ways * (n - k + i)) / i;
  return ways;
}

/** Three digits, where a page of figures over seeds needs one more than src/report/numbers.ts. @param {number} value */
export function figure(value) {
  return Number.isFinite(value) ? value.toFixed(3) : '–';
}
