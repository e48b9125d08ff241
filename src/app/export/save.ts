/** Hands bytes to the browser as a download. */
export function saveBytes(
  bytes: Uint8Array<ArrayBuffer> | Blob,
  fileName: string,
  type = 'application/octet-stream',
): void {
  const blob = bytes instanceof Blob ? bytes : new Blob([bytes], { type });
  const address = URL.createObjectURL(blob);
  const link = document.createElement('a');
  link.href = address;
  link.download = fileName;
  link.click();
  // The browser needs the address a little longer than the click.
  setTimeout(() => URL.revokeObjectURL(address), 60_000);
}
