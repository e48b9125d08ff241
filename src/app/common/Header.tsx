import {
  ActionIcon,
  Badge,
  Group,
  Text,
  Tooltip,
  useComputedColorScheme,
  useMantineColorScheme,
} from '@mantine/core';
import { IconGauge, IconLock, IconMoon, IconSun } from '@tabler/icons-react';
import { engineName } from '../model/engine-name.ts';
import { useApp } from '../state/store.ts';
import classes from './Header.module.css';
import { Logo } from './Logo.tsx';

/** Name, what runs where, and light or dark. */
export function Header() {
  const model = useApp((state) => state.model);
  const openSpeed = useApp((state) => state.openSpeed);
  const { setColorScheme } = useMantineColorScheme();
  const dark = useComputedColorScheme('light') === 'dark';
  return (
    <header className={classes.header}>
      <Group gap="xs" wrap="nowrap">
        <Logo />
        <Text fw={650} fz="lg" className={classes.name}>
          teddy-web
        </Text>
      </Group>
      <Group gap="xs" wrap="nowrap" className={classes.chips}>
        {model && (
          <Tooltip label={`${model.name} runs on ${model.engine.device}`}>
            <Badge variant="default" tt="none" fw={500} className={classes.chip} data-testid="header-model">
              {model.name} · {engineName(model.engine.kind)}
            </Badge>
          </Tooltip>
        )}
        <Tooltip label="The page may connect to no other host: nothing leaves this machine">
          <Badge
            variant="default"
            tt="none"
            fw={500}
            leftSection={<IconLock size={12} aria-hidden />}
            className={classes.local}
          >
            stays here
          </Badge>
        </Tooltip>
        <Tooltip label="How fast is this machine?">
          <ActionIcon
            variant="subtle"
            color="gray"
            size="lg"
            aria-label="How fast is this machine?"
            onClick={openSpeed}
            data-testid="open-speed"
          >
            <IconGauge size={19} aria-hidden />
          </ActionIcon>
        </Tooltip>
        <ActionIcon
          variant="subtle"
          color="gray"
          size="lg"
          aria-label={dark ? 'Light colours' : 'Dark colours'}
          onClick={() => setColorScheme(dark ? 'light' : 'dark')}
          data-testid="color-scheme"
        >
          {dark ? <IconSun size={19} aria-hidden /> : <IconMoon size={19} aria-hidden />}
        </ActionIcon>
      </Group>
    </header>
  );
}
