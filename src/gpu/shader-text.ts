/**
 * WGSL has neither macros nor arrays that are sure to stay in registers, so kernels are written
 * with two small additions that are expanded here before compilation:
 *
 *   //! repeat i < ROWS        the lines up to the matching `//! end` once for each i, with `${i}`
 *   //! end                    replaced by its number (blocks may nest)
 *   //! if NAME / else / end   lines kept where the constant is not zero
 *   ${NAME}                    replaced by the constant
 */
export function expandShader(source: string, constants: Readonly<Record<string, number>>): string {
  const lines = source.split('\n');
  const [expanded] = expandBlock(lines, 0, constants);
  return expanded.join('\n');
}

type Constants = Readonly<Record<string, number>>;

function expandBlock(lines: readonly string[], start: number, constants: Constants): [string[], number] {
  const out: string[] = [];
  let at = start;
  while (at < lines.length) {
    const [, directive, argument] = /^\s*\/\/! (\w+)\s*(.*)$/.exec(lines[at]) ?? [];
    if (directive === 'end' || directive === 'else') return [out, at];
    if (directive === 'repeat') at = expandRepeat(lines, at, argument, constants, out);
    else if (directive === 'if') at = expandIf(lines, at, argument, constants, out);
    else out.push(substitute(lines[at], constants));
    at++;
  }
  return [out, at];
}

function expandRepeat(
  lines: readonly string[],
  at: number,
  argument: string,
  constants: Constants,
  out: string[],
): number {
  const [, name, bound] = /^(\w+) < (\w+)$/.exec(argument) ?? [];
  if (name === undefined) throw new SyntaxError(`repeat ${argument}`);
  const times = /^\d+$/.test(bound) ? Number(bound) : constant(constants, bound);
  let end = expandBlock(lines, at + 1, { ...constants, [name]: 0 })[1];
  for (let i = 0; i < times; i++) {
    const [block, blockEnd] = expandBlock(lines, at + 1, { ...constants, [name]: i });
    out.push(...block);
    end = blockEnd;
  }
  return end;
}

function expandIf(
  lines: readonly string[],
  at: number,
  argument: string,
  constants: Constants,
  out: string[],
): number {
  const keep = constant(constants, argument.trim()) !== 0;
  const [then, thenEnd] = expandBlock(lines, at + 1, constants);
  if (keep) out.push(...then);
  if (!/\/\/! else/.test(lines[thenEnd] ?? '')) return thenEnd;
  const [otherwise, end] = expandBlock(lines, thenEnd + 1, constants);
  if (!keep) out.push(...otherwise);
  return end;
}

function substitute(line: string, constants: Constants): string {
  return line.replace(/\$\{(\w+)\}/g, (_, name: string) => String(constant(constants, name)));
}

function constant(constants: Constants, name: string): number {
  const value = constants[name];
  if (value === undefined) throw new SyntaxError(`the shader names ${name}, which has no value`);
  return value;
}
