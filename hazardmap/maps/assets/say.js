/* The words of the interface: one file of strings for each language. Text of records is never looked up here. */
(function (hazardmap) {
  'use strict';

  let words = null;

  const read = () => {
    words = JSON.parse(document.getElementById('hazardmap-strings').textContent);
    hazardmap.languages = Object.keys(words);
    hazardmap.language = document.documentElement.lang in words ? document.documentElement.lang : 'en';
  };

  const fill = (text, values) => text.replace(/\{(\w+)\}/g, (whole, name) => (name in values ? String(values[name]) : whole));

  /* The text of a key in the language of the page, else in English. `{name}` stands for a value; an entry with forms
     ({"one": …, "other": …}) is chosen by `values.count`, a number. An unknown key is an error, not an empty button. */
  hazardmap.say = function (key, values = {}) {
    if (!words) read();
    let entry = words[hazardmap.language][key] ?? words.en[key];
    if (entry === undefined) throw new Error('no words for ' + key);
    if (typeof entry === 'object') entry = entry[new Intl.PluralRules(hazardmap.language).select(values.count)] ?? entry.other;
    const shown = { ...values };
    if (typeof values.count === 'number') shown.count = new Intl.NumberFormat(hazardmap.language).format(values.count);
    return fill(entry, shown);
  };
})(window.hazardmap);
