import type { SoftwareAdapter } from '../../../../src/cli/vulkan-drivers.ts';

/** The long form of the tests. */
export const whole = process.env.TEDDY_VERIFY === '1';

/** Ranks as values, annotations, sizes that fill no tile. */
const SHORT = /g-odd-sizes|g-annotated|x-rank/;

/** Whether a golden case is tried: SwiftShader, which compiles slowly, takes three of the seven in the short form. */
export function hasTimeFor(adapter: SoftwareAdapter, name: string): boolean {
  return whole || adapter !== 'swiftshader' || SHORT.test(name);
}
