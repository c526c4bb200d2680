/* Names that come with the data (layers, signs, columns, codes), in the language of the page; and how numbers and days are
   written in it. What no file of strings knows stays as it came. */
(function (hazardmap) {
  'use strict';

  const locale = () => hazardmap.say('language.locale');
  const made = new Map();
  const came = new WeakMap(); // object → its texts as they came

  function numbers(most, least) {
    const key = [locale(), most, least].join(' ');
    if (!made.has(key)) made.set(key, new Intl.NumberFormat(locale(), { maximumFractionDigits: most, minimumFractionDigits: least }));
    return made.get(key);
  }

  const number = (value, most, least = 0) => numbers(most, least).format(value);

  /* An ISO day in words: 31 December 2024. Browsers know no Azerbaijani months; those stand in the file of strings. */
  function day(iso, month = 'long') {
    const date = new Date(iso + 'T00:00:00Z');
    if (Number.isNaN(date.getTime())) return iso;
    const months = hazardmap.say('language.months').split(' ');
    if (months.length === 12) return [date.getUTCDate(), months[date.getUTCMonth()], date.getUTCFullYear()].join(' ');
    return date.toLocaleDateString(locale(), { day: 'numeric', month, year: 'numeric', timeZone: 'UTC' });
  }

  /* A value that is remembered as it came, and said in the language of the page. */
  function name(object, field, ...keys) {
    if (!came.has(object)) came.set(object, {});
    const first = came.get(object);
    first[field] ??= object[field];
    object[field] = keys.reduceRight((otherwise, key) => hazardmap.sayOr(key, otherwise), first[field]);
  }

  /* Put the names of layers into the language of the page. */
  function wording(layers) {
    for (const layer of layers) {
      const { layer: which } = layer;
      name(layer, 'title', `layer.${which}.title`);
      name(layer, 'noun', `layer.${which}.noun`);
      for (const sign of layer.symbols) name(sign, 'label', `sign.${which}.${sign.code}`);
      for (const attribute of layer.attributes) {
        name(attribute, 'label', `column.${which}.${attribute.column}`, `column.${attribute.column}`);
      }
      for (const code of Object.keys(layer.spelt)) {
        name(layer.spelt, code, `code.${which}.${code}`, `code.${code}`);
      }
    }
  }

  Object.assign(hazardmap, { number, day, wording });
})(window.hazardmap);
