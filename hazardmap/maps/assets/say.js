/* The words of the interface: one file of strings for each language. Text of records is never looked up here. */
(function (hazardmap) {
  'use strict';

  let words = null;
  const kept = [];

  const read = () => {
    words = JSON.parse(document.getElementById('hazardmap-strings').textContent);
    hazardmap.languages = Object.keys(words);
    hazardmap.language = document.documentElement.lang in words ? document.documentElement.lang : 'en';
  };

  const fill = (text, values) => text.replace(/\{(\w+)\}/g, (whole, name) => (Object.hasOwn(values, name) ? String(values[name]) : whole));

  /* The text of a key in the language of the page, else in English. `{name}` stands for a value; an entry with forms
     ({"one": …, "other": …}) is chosen by `values.count`, a number. An unknown key is an error, not an empty button. */
  hazardmap.say = function (key, values = {}, language = null) {
    if (!words) read();
    language ??= hazardmap.language;
    let entry = words[language][key] ?? words.en[key];
    if (entry === undefined) throw new Error('no words for ' + key);
    if (typeof entry === 'object') entry = entry[new Intl.PluralRules(language).select(values.count)] ?? entry.other;
    const shown = { ...values };
    if (typeof values.count === 'number') shown.count = hazardmap.number(values.count, 0);
    return fill(entry, shown);
  };

  /* An error with its reason in English, as all errors, and in the language of the page. */
  hazardmap.fault = (key, values = {}) => Object.assign(new Error(hazardmap.say(key, values, 'en')), { said: hazardmap.say(key, values) });

  hazardmap.failSaying = (key, values = {}) => hazardmap.fail(hazardmap.say(key, values, 'en'), hazardmap.say(key, values));

  /* The text of a key, or another text where no file of strings knows the key. */
  hazardmap.sayOr = function (key, otherwise) {
    if (!words) read();
    return key in words.en ? hazardmap.say(key) : otherwise;
  };

  /* Do something now, and again whenever the language or the colours change: for what stays on the page. */
  hazardmap.always = function (write) {
    kept.push(write);
    write();
  };

  /* A piece of text that follows the language: `word('legend.name')`, or `word(() => …)` for anything that is said. */
  hazardmap.word = function (said, values = {}) {
    const text = typeof said === 'function' ? said : () => hazardmap.say(said, values);
    const node = document.createTextNode('');
    hazardmap.always(() => { node.data = text(); });
    return node;
  };

  /* The same for an attribute of an element: its label, title, placeholder. Gives the element. */
  hazardmap.wordOn = function (element, attribute, said, values = {}) {
    const text = typeof said === 'function' ? said : () => hazardmap.say(said, values);
    hazardmap.always(() => element.setAttribute(attribute, text()));
    return element;
  };

  /* A sentence whose English wording holds: in the language of the page, and in English after it. */
  hazardmap.withEnglish = function (key, english) {
    if (hazardmap.language === 'en') return [english];
    return [hazardmap.say(key) + ' ', hazardmap.english(english)];
  };

  /* Text that stays English whatever the language: a sentence of the core. */
  hazardmap.english = function (text, tag = 'span', className = 'hm-english') {
    const made = document.createElement(tag);
    made.className = className;
    made.lang = 'en';
    made.dir = 'ltr';
    made.textContent = text;
    return made;
  };

  /* Write everything again: the language or the colours are others now. */
  hazardmap.anew = function () {
    for (const write of [...kept]) write();
  };

  hazardmap.speak = function (language) {
    if (!words) read();
    if (!(language in words)) throw new Error('no words in ' + language);
    hazardmap.language = language;
    document.documentElement.lang = language;
    document.documentElement.dir = hazardmap.say('language.direction');
    hazardmap.anew();
  };
})(window.hazardmap);
