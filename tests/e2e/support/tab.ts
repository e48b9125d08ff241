/** What a test does with a page, the same in Chromium (Playwright) and Firefox (Puppeteer). */
export interface Tab {
  readonly browser: 'chromium' | 'firefox';
  /** The browser's first process. */
  readonly processId: number;
  open(address: string): Promise<void>;
  /** Gives a file to the page: dropped where the driver can, else through the file picker's input. */
  giveFile(path: string): Promise<void>;
  click(testId: string): Promise<void>;
  /** Replaces what a text or number box holds. */
  fill(testId: string, value: string): Promise<void>;
  /** Chooses the option of a select whose text starts so. */
  choose(testId: string, option: string): Promise<void>;
  /** Waits until the element is there and returns its text. */
  text(testId: string, timeout?: number): Promise<string>;
  /** Waits until any of them is there and returns which. */
  waitForAny(testIds: readonly string[], timeout?: number): Promise<string>;
  waitFor(selector: string, timeout?: number): Promise<void>;
  count(selector: string): Promise<number>;
  evaluate<T>(script: string): Promise<T>;
  /** Runs what starts a download and returns the path of the file once it is whole (default: within two minutes). */
  download(start: () => Promise<void>, timeout?: number): Promise<string>;
  /** Puts the pointer on a point of the element, in shares of its size, and clicks. */
  clickAt(selector: string, x: number, y: number): Promise<void>;
  colorScheme(scheme: 'light' | 'dark'): Promise<void>;
  screenshot(name: string): Promise<void>;
  /** Errors the page has written to the console or thrown. */
  readonly problems: readonly string[];
  close(): Promise<void>;
}

/** CSS selector of a test id. */
export function byTestId(testId: string): string {
  return `[data-testid="${testId}"]`;
}
