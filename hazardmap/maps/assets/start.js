/* What must run everywhere: the state of the page, and saying so when something fails.
   Plain old JavaScript on purpose: a browser too old for the other files still reads this one. */
window.hazardmap = { ready: false, failed: null, drawn: 0, expected: null, errors: [] };

(function (hazardmap) {
  /* Any failure: remembered, told beside the legend, and told across the page while the map is not yet complete. */
  function report(what) {
    hazardmap.errors.push(String(what));
    if (hazardmap.onerror) hazardmap.onerror(what);
    if (!hazardmap.ready) hazardmap.fail(what);
  }

  /* Put the reason where the reader looks; the notices about absence and permission stay. `said`: the reason in the language of the page. */
  hazardmap.fail = function (what, said) {
    hazardmap.failed = String(what);
    var notice = document.getElementById('hazardmap-notice');
    if (!notice) return;
    var old = notice.querySelector('.hm-wait');
    if (old) old.parentNode.removeChild(old);
    var line = notice.querySelector('p.hm-failed-now') || document.createElement('p');
    line.className = 'hm-failed hm-failed-now';
    line.textContent = translated('start.failed', said || what) + 'The map is not complete: ' + what +
      '. What is missing here says nothing about the land. ' +
      'Open the file in a current Firefox, Chrome, Edge or Safari, or ask for it again.';
    notice.className = 'hm-is-failed';
    notice.style.display = '';
    notice.appendChild(line);
  };

  /* The same in the language of the page, where the words of it can be read; the English stays after it. */
  function translated(key, what) {
    try {
      return hazardmap.language && hazardmap.language !== 'en' ? hazardmap.say(key, { what: what }) + ' ' : '';
    } catch (error) {
      return '';
    }
  }

  window.addEventListener('error', function (event) { report(event.message || 'a script failed'); });
  window.addEventListener('unhandledrejection', function (event) {
    report(event.reason && event.reason.message ? event.reason.message : event.reason);
  });
  window.addEventListener('load', function () {
    var able = window.Uint8Array && window.Promise && window.Path2D && window.L && window.Flatbush && (hazardmap.prepare || hazardmap.packedLayer);
    if (!able && !hazardmap.failed) hazardmap.fail('this browser is too old, or the file was changed on its way');
  });
})(window.hazardmap);
