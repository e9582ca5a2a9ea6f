import { Box, render, Text, useApp, useInput, useWindowSize, type Key } from 'ink';
import { createElement, useEffect, useRef, useState, type ReactElement } from 'react';
import type { WatchState } from '../../findings/watch.ts';
import type { HostWatch } from '../../pipeline/watch/host-watch.ts';
import { printLines } from '../../report/text-line.ts';
import { FIRST_LOOK, type WatchLook } from '../../report/watch/watch-look.ts';
import { renderWatch } from '../../report/watch/watch-screen.ts';
import { pressKey, type Pressed } from './press-key.ts';

interface Props {
  readonly watch: HostWatch;
  readonly colour: boolean;
  readonly ascii: boolean;
  /** Gets each state, so that the last one can be told after the screen is gone. */
  readonly seen: (state: WatchState) => void;
}

/** Shows the host until the user quits; the terminal is as before then, whatever ended it. Rejects with what failed. */
export async function showWatch(props: Props): Promise<void> {
  const app = render(createElement(WatchApp, props), {
    alternateScreen: true,
    interactive: true,
    exitOnCtrlC: false,
    incrementalRendering: true,
    maxFps: 10,
  });
  await app.waitUntilExit();
}

function WatchApp({ watch, colour, ascii, seen }: Props): ReactElement {
  const { exit } = useApp();
  const { columns, rows } = useWindowSize();
  const [latest, setLatest] = useState<WatchState>();
  const [frozen, setFrozen] = useState<WatchState>();
  const [look, setLook] = useState<WatchLook>(FIRST_LOOK);
  // Keys may come faster than the screen is drawn.
  const now = useRef<WatchLook>(FIRST_LOOK);
  useEffect(() => {
    const tell = (state: WatchState): void => {
      seen(state);
      setLatest(state);
    };
    const fail = (cause: unknown): void => exit(cause instanceof Error ? cause : new Error(String(cause)));
    watch.start(tell, fail).catch(fail);
    return () => watch.close();
  }, [watch, seen, exit]);
  const shown = look.paused ? (frozen ?? latest) : latest;
  useInput((input, key) => {
    const reaction = pressKey(now.current, shown, pressedOf(input, key));
    if (reaction.quit) exit();
    if (reaction.look.paused && !now.current.paused) setFrozen(latest);
    now.current =
      reaction.mark === undefined ? reaction.look : { ...reaction.look, message: watch.mark(reaction.mark) };
    setLook(now.current);
  });
  const lines = renderWatch(shown, look, { columns, rows, ascii });
  return createElement(
    Box,
    { flexDirection: 'column', width: columns, height: rows },
    lines.map((line, index) =>
      // A line that is empty has no height.
      createElement(Text, { key: index, wrap: 'truncate-end' }, printLines([line], colour).trimEnd() || ' '),
    ),
  );
}

function pressedOf(input: string, key: Key): Pressed {
  if (key.ctrl && input === 'c') return { input: '', named: 'interrupt' };
  const named = NAMED.find(([name]) => key[name] === true)?.[1];
  if (named !== undefined) return { input: '', named };
  return { input: key.ctrl || key.meta || key.tab ? '' : input };
}

const NAMED: readonly (readonly [keyof Key, NonNullable<Pressed['named']>])[] = [
  ['upArrow', 'up'],
  ['downArrow', 'down'],
  ['pageUp', 'page-up'],
  ['pageDown', 'page-down'],
  ['home', 'home'],
  ['end', 'end'],
  ['return', 'enter'],
  ['escape', 'escape'],
  ['backspace', 'backspace'],
  ['delete', 'backspace'],
];
