import { Button, Group, Loader, Stack, Text } from '@mantine/core';
import { Dropzone } from '@mantine/dropzone';
import { IconFileUpload } from '@tabler/icons-react';
import { useRef } from 'react';
import { useApp } from '../state/store.ts';
import classes from './FileDrop.module.css';
import { SampleButton } from './SampleButton.tsx';
import { takeDrop } from './take-drop.ts';

/** Drop zone and picker for a dataset; what it is gets decided by the bytes of its files in the worker, not their names. */
export function FileDrop() {
  const opening = useApp((state) => state.opening);
  const pick = useRef<(() => void) | null>(null);
  return (
    <Dropzone
      openRef={pick}
      // react-dropzone gives files of a dropped folder their path in it.
      onDrop={(files) =>
        void takeDrop(files.map((file) => ({ path: pathOf(file).replace(/^\.?\//, ''), file })))
      }
      disabled={opening !== null}
      activateOnClick={false}
      activateOnKeyboard={false}
      useFsAccessApi={false}
      className={classes.zone}
      inputProps={{ 'aria-label': 'Choose a file of cells' }}
      data-testid="drop-zone"
    >
      <Stack align="center" gap="xs" py={{ base: 'xl', sm: 40 }}>
        {opening === null ? (
          <>
            <IconFileUpload size={44} stroke={1.3} className={classes.icon} aria-hidden />
            <Text size="lg" fw={600} ta="center">
              Drop a file of cells here
            </Text>
            <Group gap="sm" justify="center" className={classes.actions}>
              <Button size="md" onClick={() => pick.current?.()} data-testid="choose-file">
                Choose a file…
              </Button>
              <SampleButton />
            </Group>
            <Text size="sm" c="dimmed" ta="center" px="md">
              .h5ad, 10x .h5 or mtx, zarr, Arrow, Parquet, packed with gzip or not; a folder, or several files
              as samples. Raw counts; genes as Ensembl ids or symbols. Large files are read in slices, never
              whole.
            </Text>
          </>
        ) : (
          <Group role="status" aria-live="polite" py="xl">
            <Loader size="sm" />
            <Text>Reading {opening}…</Text>
          </Group>
        )}
      </Stack>
    </Dropzone>
  );
}

function pathOf(file: File): string {
  const { path } = file as File & { readonly path?: string };
  return path ?? file.name;
}
