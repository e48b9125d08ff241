import { Anchor, Button, Collapse, Group, Stack, Text } from '@mantine/core';
import { useDisclosure } from '@mantine/hooks';
import { IconFolderOpen, IconLink, IconTrash } from '@tabler/icons-react';
import { useRef } from 'react';
import { useApp } from '../state/store.ts';
import { EmbeddedModels } from './EmbeddedModels.tsx';
import { ForgetButton } from './ForgetButton.tsx';
import { type FileAtPath, filesOfDrop, locationOfFiles } from './folder.ts';
import { StoredModels } from './StoredModels.tsx';
import { unzippedPackage } from './zip.ts';

/** Other models: one that comes with the page, a folder from this computer, one kept in this browser, one fetched by address. */
export function ModelChooser() {
  const [open, { toggle }] = useDisclosure(false);
  const chooseModel = useApp((state) => state.chooseModel);
  const fail = useApp((state) => state.failToOpen);
  const input = useRef<HTMLInputElement>(null);
  const use = (files: readonly FileAtPath[]) => {
    if (files.length > 0) void chooseModel(locationOfFiles(files));
  };
  return (
    // biome-ignore lint/a11y/useSemanticElements: a fieldset would draw a frame; this only names the drop area
    <div
      role="group"
      aria-label="Other models"
      onDragOver={(event) => event.preventDefault()}
      onDrop={(event) => {
        event.preventDefault();
        filesOfDrop(event.dataTransfer).then(unzippedPackage).then(use).catch(fail);
      }}
    >
      <Button
        variant="subtle"
        size="compact-sm"
        onClick={toggle}
        aria-expanded={open}
        data-testid="other-models"
      >
        {open ? 'Hide other models' : 'Use another model…'}
      </Button>
      <Collapse expanded={open}>
        <Stack gap="sm" pt="sm">
          <Text size="sm" c="dimmed">
            A published TEDDY folder loads as it is: config.json, vocab.txt, added_tokens.json,
            model.safetensors and teddy_gene_medians.json. Drop it here or choose it; a package saved here
            drops as its zip file.
          </Text>
          <Group gap="xs">
            <Button
              variant="default"
              size="xs"
              leftSection={<IconFolderOpen size={16} aria-hidden />}
              onClick={() => input.current?.click()}
              data-testid="choose-model-folder"
            >
              Choose a folder…
            </Button>
            <input
              ref={input}
              type="file"
              hidden
              multiple
              aria-label="Model folder"
              data-testid="model-folder-input"
              {...{ webkitdirectory: '' }}
              onChange={(event) => {
                const files = [...(event.target.files ?? [])].map((file) => ({
                  path: file.webkitRelativePath || file.name,
                  file,
                }));
                event.target.value = '';
                use(files);
              }}
            />
            <Anchor href="model.html" size="sm" data-testid="model-by-url">
              <Group gap={4} component="span">
                <IconLink size={15} aria-hidden /> Load one by address
              </Group>
            </Anchor>
          </Group>
          <EmbeddedModels />
          <StoredModels />
          <Group gap="xs">
            <IconTrash size={15} aria-hidden />
            <ForgetButton />
          </Group>
        </Stack>
      </Collapse>
    </div>
  );
}
