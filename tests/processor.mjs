/** The processor's time, for claims about work: a busy machine makes it little longer. */

/** Milliseconds that this process has worked so far, all its threads together. */
export function worked() {
  const { user, system } = process.cpuUsage();
  return (user + system) / 1000;
}
