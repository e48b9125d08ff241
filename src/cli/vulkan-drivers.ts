import { existsSync, readdirSync } from 'node:fs';
import { join } from 'node:path';

export type SoftwareAdapter = 'lavapipe' | 'swiftshader';

const PLACES: Readonly<Record<SoftwareAdapter, { folders: readonly string[]; file: RegExp }>> = {
  lavapipe: {
    folders: ['/usr/share/vulkan/icd.d', '/usr/local/share/vulkan/icd.d', '/etc/vulkan/icd.d'],
    file: /^lvp_icd.*\.json$/,
  },
  swiftshader: {
    folders: ['/usr/lib/chromium', '/usr/lib/chromium-browser', '/opt/google/chrome'],
    file: /^vk_swiftshader_icd\.json$/,
  },
};

/** The Vulkan driver file of a software adapter, for VK_DRIVER_FILES; null where it is not installed. */
export function vulkanDriverFile(adapter: SoftwareAdapter): string | null {
  const { folders, file } = PLACES[adapter];
  for (const folder of folders) {
    const found = existsSync(folder) ? readdirSync(folder).find((name) => file.test(name)) : undefined;
    if (found !== undefined) return join(folder, found);
  }
  return null;
}
