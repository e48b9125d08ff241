import { spawn } from 'node:child_process';

export interface Display {
  readonly name: string;
  close(): void;
}

/** A screen without a monitor: headless Firefox has WebGPU but no WebGL, so the page is drawn in a headed one. */
export async function startXvfb(): Promise<Display> {
  // Xvfb picks a free number and writes it to the descriptor named by -displayfd.
  const child = spawn('Xvfb', ['-displayfd', '3', '-screen', '0', '1400x1000x24', '-nolisten', 'tcp'], {
    stdio: ['ignore', 'ignore', 'ignore', 'pipe'],
  });
  const number = await new Promise<string>((resolve, reject) => {
    child.once('error', reject);
    child.once('exit', (code) => reject(new Error(`Xvfb ended with ${code}`)));
    child.stdio[3]?.once('data', (data: Buffer) => resolve(data.toString().trim()));
  });
  return { name: `:${number}`, close: () => child.kill() };
}
