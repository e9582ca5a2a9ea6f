import { textFormats, type Sighting } from '../formats/catalog.ts';
import { MomentCollector } from '../model/gather/moments.ts';
import type { Snapshot } from '../model/snapshot.ts';
import { InputError } from '../sources/input-error.ts';
import { openLiveHost } from '../sources/live-host.ts';
import { openInput } from '../sources/open.ts';
import { readSightings } from '../sources/read-sightings.ts';
import type { OpenOptions, SourceFile, Unread } from '../sources/source-file.ts';
