/** Passwords are hashed a few at a time: each takes 19 MiB and a thread that file access needs as well. */

/** At once. */
const AT_ONCE = 2;
/** Waiting: about a second and a half of work. */
const MOST_WAITING = 64;

/** Too many sign-ins wait already. */
export class BusyError extends Error {
  override readonly name = "BusyError";
}

export interface HashQueue {
  /** `first`: before those who are not known here. Throws BusyError. */
  run<T>(work: () => Promise<T>, first?: boolean): Promise<T>;
}

export function hashQueue(): HashQueue {
  const waiting: { readonly first: boolean; readonly go: () => void }[] = [];
  let running = 0;
  const next = () => {
    const known = waiting.findIndex(({ first }) => first);
    const [entry] = waiting.splice(Math.max(0, known), 1);
    if (entry) entry.go();
    else running -= 1;
  };
  return {
    async run(work, first = false) {
      if (running < AT_ONCE) running += 1;
      else {
        if (waiting.length >= MOST_WAITING && !first) throw new BusyError("too many sign-ins at once");
        await new Promise<void>((go) => waiting.push({ first, go }));
      }
      try {
        return await work();
      } finally {
        next();
      }
    },
  };
}
