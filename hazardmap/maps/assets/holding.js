/* Which rows hold on the day shown: they bear the days between which they do. On a map of one day all of them hold. */
(function (hazardmap) {
  'use strict';

  const ALWAYS = -(10 ** 7), NEVER = 10 ** 7; // as days.py of the release room
  const unzigzag = (n) => (n >>> 1) ^ -(n & 1);

  /* A table that somebody laid over the map has no days, whatever its columns are called. */
  const isOurs = ({ layer, columns: { from, to } }) =>
    from?.kind === 'day' && to?.kind === 'day' && !!hazardmap.manifest?.layers.some((own) => own.layer === layer);

  /* The days from which and until which each row of a block holds. */
  function spansOf(block) {
    if (block.spans === undefined) {
      const read = (column, missing) => Int32Array.from(column.values, (cell) => (cell ? unzigzag(cell - 1) : missing));
      const { from, to } = block.columns;
      block.spans = isOurs(block) ? { from: read(from, ALWAYS), to: read(to, NEVER) } : null;
    }
    return block.spans;
  }

  /* A test of the rows of a block: do they hold on the day shown? Nothing to test on a map of one day. */
  hazardmap.holding = function (block) {
    const { dayShown: day } = hazardmap;
    if (day === undefined || !spansOf(block)) return undefined;
    const { from, to } = block.spans;
    return (f) => from[f] <= day && day < to[f];
  };

  let sortedFor = null; // the day for which the lists below hold
  const sortedLists = new Map();

  /* Features of a whole block by their sign, as Block.sorted, of the day shown. Made once a day for all tiles. */
  hazardmap.sortedOn = function (block, column) {
    const holds = hazardmap.holding(block);
    if (!holds) return block.sorted(column);
    if (sortedFor !== hazardmap.dayShown) { sortedFor = hazardmap.dayShown; sortedLists.clear(); }
    if (!sortedLists.has(block)) sortedLists.set(block, {});
    return sortedLists.get(block)[column] ??= block.sorted(column).map((features) => features.filter(holds));
  };
})(window.hazardmap);
